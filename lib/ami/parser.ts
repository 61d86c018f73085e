import {
  aFlag,
  aFunction,
  anObjectWith,
  aWholeNumber,
  checkOptions,
  checkValue,
  type Expected,
} from '../text/expected.ts'
import { decodeHeaders, isRawOutput, type LineEnd } from './decode.ts'
import { type EventKind, EventKinds } from './event-kinds.ts'
import { AmiFramer } from './framer.ts'
import { type AmiMessage, HeaderMessage } from './message.ts'
import { GAP, UNSTAMPED_EVENTS } from './own-events.ts'
import { WireMessage } from './wire-message.ts'

export const MAX_MESSAGE_BYTES = 1024 * 1024

/** What the parser found wrong and read past. */
export interface ParseReport {
  /** Which fault it is. */
  kind: 'oversize' | 'unfinished' | 'not a message' | 'bad line' | 'no timestamps'
  /** The byte of the stream at which the message begins. */
  offset: number
  /** What is wrong, for a person. */
  text: string
}

/** The input cannot be read as what it should be. */
export class AmiStreamError extends Error {
  /** Whether it is no AMI stream at all, or that of an Asterisk too old. */
  readonly kind: 'not AMI' | 'AMI 1.x'

  /** @internal */
  constructor(kind: AmiStreamError['kind'], text: string) {
    super(text)
    this.name = 'AmiStreamError'
    this.kind = kind
  }
}

/** Options of {@link AmiParser}. */
export interface AmiParserOptions {
  /** Which events are decoded and passed on; all, if not given. Responses always are. */
  wants?: ((event: string) => boolean) | undefined
  /**
   * What is known of the events that are wanted: other parsers that want the same may know it as well.
   *
   * @internal
   */
  kinds?: EventKinds | undefined
  /** Told of each event by its name as the stream holds it, wanted or not. */
  onEvent?: ((event: string) => void) | undefined
  /**
   * Whether a message `Event: Gap` stands where something of the stream is missing.
   *
   * @defaultValue false
   */
  tellsGaps?: boolean | undefined
  /**
   * The greatest message that is read, in bytes.
   *
   * @defaultValue 1048576
   */
  maxMessageBytes?: number | undefined
}

/** What the options of a parser have to be. */
export const parserOptions = {
  wants: aFunction,
  kinds: anObjectWith(['at', 'wants']),
  onEvent: aFunction,
  tellsGaps: aFlag,
  maxMessageBytes: aWholeNumber({ from: 1, unit: 'bytes' }),
}

const BANNER = 'Asterisk Call Manager/'
const LIKE_AMI = /^\s*(Asterisk Call Manager\/|(Event|Response):)/i
const NEVER_STAMPED = new Set(['FullyBooted', ...UNSTAMPED_EVENTS])
const MAX_HELD_BACK = 1000
/** A login behind a message that was cut in two: a dump to which another was appended. */
const GLUED_BANNER = /Asterisk Call Manager\/[\d.]+\r?\n(?=Response:|Event:)/
const BYTES: Expected = {
  what: 'bytes, as a Buffer or a Uint8Array (a stream with setEncoding() gives texts)',
  fits: (value) => value instanceof Uint8Array,
}
const CR = 0x0d
const LF = 0x0a
const BLANK = 0x20

/**
 * Reads an AMI stream as Asterisk sends it: feed it chunks cut anywhere, and it hands out messages in order.
 *
 * An event that nobody wants is told by its first line and never decoded: that is two thirds of what a PBX sends.
 */
export class AmiParser {
  private readonly onEvent: ((event: string) => void) | undefined
  private readonly tellsGaps: boolean
  private kinds: EventKinds
  private readonly maxMessageBytes: number
  private readonly onMessage: (message: AmiMessage) => void
  private readonly onReport: (report: ParseReport) => void
  private readonly framer: AmiFramer
  /** Whether anything in the stream looked like AMI so far. */
  private likeAmi = false
  /** Whether there was anything in it but line ends. */
  private content = false
  private heldBack: ParseReport[] = []
  private timestampSeen = false
  private timestampMissed = false
  /** The messages seen, and of those the ones that were decoded. */
  readonly counts = { messages: 0, decoded: 0 }

  /**
   * @param onMessage handed each message
   * @param onReport told of what was wrong in the stream and read past
   * @throws TypeError for an option that does not exist, or a value of a wrong kind
   */
  constructor(
    options: AmiParserOptions,
    onMessage: (message: AmiMessage) => void,
    onReport: (report: ParseReport) => void = () => {},
  ) {
    checkOptions('AmiParser', options, parserOptions)
    checkValue('AmiParser', 'onMessage', onMessage, aFunction)
    checkValue('AmiParser', 'onReport', onReport, aFunction)
    this.onEvent = options.onEvent
    this.tellsGaps = options.tellsGaps ?? false
    this.kinds = options.kinds ?? new EventKinds(options.wants ?? (() => true))
    this.maxMessageBytes = options.maxMessageBytes ?? MAX_MESSAGE_BYTES
    this.onMessage = onMessage
    this.onReport = onReport
    this.framer = new AmiFramer(
      { maxMessageBytes: this.maxMessageBytes },
      (bytes, start, end, offset, isLent) => this.read(bytes, start, end, offset, isLent),
      (offset, beginning) => this.skipOversize(offset, beginning),
    )
  }

  /**
   * From now on those are wanted that are among these kinds.
   *
   * @internal
   */
  want(kinds: EventKinds): void {
    this.kinds = kinds
  }

  /** How many bytes of an unfinished message are kept. */
  get heldBytes(): number {
    return this.framer.unfinished.bytes.length
  }

  /**
   * Reads on.
   *
   * @param chunk which the messages keep: it must not be written to afterwards
   * @throws AmiStreamError if this is not an AMI stream, or one of an Asterisk too old
   * @throws TypeError for a string: nobody knows which bytes it was
   */
  feed(chunk: Uint8Array): void {
    this.framer.feed(bufferOfChunk(chunk))
    if (this.counts.messages === 0) checkVersion(beginningOf(this.framer.unfinished.bytes))
  }

  /**
   * Ends the stream: reports what is left of an unfinished message (Asterisk cuts one in two when it drops a slow reader).
   *
   * @throws AmiStreamError if nothing in the stream was AMI
   */
  end(): void {
    const { bytes, offset, skipped } = this.framer.unfinished
    const beginning = beginningOf(bytes)
    checkVersion(`${beginning}\n`)
    if (LIKE_AMI.test(beginning)) this.recognise()
    if (!this.likeAmi && (this.content || !isBlank(bytes))) throw notAmi(offset + bytes.length)
    if (skipped || isBlank(bytes) || isBannerAlone(beginning)) return
    this.report({
      kind: 'unfinished',
      offset,
      text: `the stream ends in the middle of a message; its ${bytes.length} bytes are skipped`,
    })
  }

  private read(bytes: Buffer, frameStart: number, end: number, frameOffset: number, isLent: boolean): void {
    let start = frameStart
    while (start < end && (bytes[start] === CR || bytes[start] === LF)) start++
    if (start === end) return
    this.content = true
    const afterBanner = this.readBanner(bytes, start, end)
    if (afterBanner === end) return
    const offset = frameOffset + afterBanner - frameStart

    this.counts.messages++
    const kind = this.kindOf(bytes, afterBanner, end)
    if (kind === undefined) {
      this.decodeApart(bytes.toString('latin1', afterBanner, end), offset)
      return
    }
    this.recognise()
    this.onEvent?.(kind.name)
    if (!kind.isWanted) return
    const own = isLent ? Buffer.from(bytes.subarray(afterBanner, end)) : bytes
    const ownStart = isLent ? 0 : afterBanner
    const message = new WireMessage(kind, own, ownStart, ownStart + end - afterBanner, this.lineEnd)
    if (message.isGlued) this.decodeApart(message.byteString, offset, message)
    else this.passEvent(message, offset)
  }

  /** The kind of the event that the first line names; undefined if it names none. */
  private kindOf(bytes: Buffer, start: number, end: number): EventKind | undefined {
    // 'Event:' in any case, by its bytes: this runs for every message of the stream.
    if (
      end - start < 7 ||
      ((bytes[start] as number) | 0x20) !== 0x65 ||
      ((bytes[start + 1] as number) | 0x20) !== 0x76 ||
      ((bytes[start + 2] as number) | 0x20) !== 0x65 ||
      ((bytes[start + 3] as number) | 0x20) !== 0x6e ||
      ((bytes[start + 4] as number) | 0x20) !== 0x74 ||
      bytes[start + 5] !== 0x3a
    ) {
      return undefined
    }
    const nameStart = bytes[start + 6] === BLANK ? start + 7 : start + 6
    let nameEnd = nameStart
    while (nameEnd < end && bytes[nameEnd] !== CR && bytes[nameEnd] !== LF) nameEnd++
    return nameEnd === nameStart ? undefined : this.kinds.at(bytes, nameStart, nameEnd)
  }

  /** Decodes what is no plain event: a response, and what stands behind the banner where that interrupts a message. */
  private decodeApart(message: string, offset: number, event?: WireMessage): void {
    const glued = message.includes(BANNER) ? GLUED_BANNER.exec(message) : null
    if (glued !== null) {
      this.report({
        kind: 'unfinished',
        offset,
        text: `another stream begins in the middle of a message; its ${glued.index} bytes are skipped`,
      })
      this.tellGap()
      const behind = glued.index + glued[0].length
      checkVersion(glued[0])
      this.decode(message.slice(behind), offset + behind)
    } else if (event !== undefined) this.passEvent(event, offset)
    else this.decode(message, offset)
  }

  private passEvent(message: WireMessage, offset: number): void {
    this.counts.decoded++
    this.reportBadLines(message.badLines, offset)
    this.noteTimestamp(message, offset)
    this.onMessage(message)
  }

  private decode(text: string, offset: number): void {
    this.counts.decoded++
    const message = new HeaderMessage(decodeHeaders(text, this.lineEnd))
    if (message.event === '' && message.get('Response') === undefined) {
      if (!this.likeAmi && offset > this.maxMessageBytes) throw notAmi(offset)
      this.tellGap()
      this.report({ kind: 'not a message', offset, text: 'a message that is neither Event nor Response is skipped' })
      return
    }
    this.recognise()
    if (!isRawOutput(text)) this.reportBadLines(WireMessage.of('', text, this.lineEnd).badLines, offset)
    if (message.event !== '') {
      this.onEvent?.(message.event)
      if (!this.kinds.wants(message.event)) return
      this.noteTimestamp(message, offset)
    }
    this.onMessage(message)
  }

  private get lineEnd(): LineEnd {
    return this.framer.lineEnd ?? '\r\n'
  }

  /** Something of the stream is missing: those who follow calls are told where. */
  private tellGap(): void {
    if (this.tellsGaps && this.likeAmi) this.onMessage(new HeaderMessage(new Map([['Event', GAP]]), GAP))
  }

  private reportBadLines(count: number, offset: number): void {
    if (count === 0) return
    this.tellGap()
    this.report({ kind: 'bad line', offset, text: `${count} line(s) of a message have no "Name:" and are skipped` })
  }

  /** Where the message begins: behind the banner, which has no empty line of its own, or at `start`. */
  private readBanner(bytes: Buffer, start: number, end: number): number {
    if (bytes[start] !== BANNER.charCodeAt(0)) return start
    const lineEnd = bytes.indexOf(LF, start)
    const bannerEnd = lineEnd < 0 || lineEnd >= end ? end : lineEnd + 1
    const banner = bytes.toString('latin1', start, bannerEnd).trimEnd()
    if (!banner.startsWith(BANNER)) return start
    this.recognise()
    checkVersion(`${banner}\n`)
    // Another session begins: what happened between the two is not in the stream.
    if (this.counts.messages > 0) this.tellGap()
    return bannerEnd
  }

  private recognise(): void {
    if (this.likeAmi) return
    this.likeAmi = true
    this.tellHeldBack()
  }

  /** What is wrong at the beginning of a stream is told once that is known to be AMI: a picture is wrong all over. */
  private report(report: ParseReport): void {
    if (this.likeAmi) this.onReport(report)
    else if (this.heldBack.length < MAX_HELD_BACK) this.heldBack.push(report)
  }

  private tellHeldBack(): void {
    const reports = this.heldBack
    this.heldBack = []
    for (const report of reports) this.onReport(report)
  }

  private skipOversize(offset: number, beginning: Buffer): void {
    if (LIKE_AMI.test(beginning.toString('latin1'))) this.recognise()
    if (!this.likeAmi) throw notAmi(offset + this.maxMessageBytes)
    this.content = true
    this.counts.messages++
    this.tellGap()
    this.report({
      kind: 'oversize',
      offset,
      text: `a message is longer than ${this.maxMessageBytes} bytes and is skipped`,
    })
  }

  private noteTimestamp(message: AmiMessage, offset: number): void {
    // The FullyBooted that follows a login has no Timestamp even with timestampevents=yes (16.28, 22.10), nor has an item
    // of a list, nor what says that a session or a dump begins.
    if (this.timestampSeen || this.timestampMissed || NEVER_STAMPED.has(message.event) || message.isListItem()) return
    this.timestampSeen = message.get('Timestamp') !== undefined
    if (this.timestampSeen) return
    this.timestampMissed = true
    this.report({
      kind: 'no timestamps',
      offset,
      text:
        'events have no Timestamp header: ami-track takes times from the Uniqueids of new channels. Wait times are inexact, and ' +
        'outbound calls can be missing. Set timestampevents=yes in manager.conf before you record',
    })
  }
}

/** @throws AmiStreamError if the text begins with the whole banner of an Asterisk too old */
function checkVersion(beginning: string): void {
  const version = /^Asterisk Call Manager\/(1(?:\.[\d.]*)?)\s*\n/.exec(beginning)?.[1]
  if (version === undefined) return
  throw new AmiStreamError(
    'AMI 1.x',
    `AMI ${version} belongs to Asterisk 11 or older; ami-track needs Asterisk 13 or later`,
  )
}

/** The same bytes as a Buffer. */
function bufferOfChunk(chunk: Uint8Array): Buffer {
  if (Buffer.isBuffer(chunk)) return chunk
  checkValue('AmiParser', 'chunk', chunk, BYTES)
  return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
}

function notAmi(bytesRead: number): AmiStreamError {
  return new AmiStreamError(
    'not AMI',
    `this is not an AMI stream: its first ${bytesRead} bytes have no banner, Event or Response`,
  )
}

function beginningOf(bytes: Buffer): string {
  return bytes.toString('latin1', 0, Math.min(bytes.length, 64))
}

function isBlank(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === CR || byte === LF || byte === BLANK)
}

function isBannerAlone(beginning: string): boolean {
  return beginning.trimStart().startsWith(BANNER) && /^[^\n]*\n$/.test(beginning.trimStart())
}
