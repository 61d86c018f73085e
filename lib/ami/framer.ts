/**
 * Cuts a byte stream into AMI messages.
 *
 * A message ends with an empty line. Lines end with CRLF, and only with CRLF: a value may hold a lone LF
 * (`AppData: FOO=l1\nl2: x`, seen on 16.28 and 22.10), so a `\r?\n` splitter would invent headers. Dumps that an editor
 * or a mailer saved with LF line ends are read as such: the first line of the stream that looks like AMI decides.
 *
 * What is kept of an unfinished message is one growing buffer, so a byte at a time costs no more than whole chunks.
 */

export interface FramerOptions {
  /** The greatest message that is passed on, in bytes without its empty line. */
  maxMessageBytes: number
}

/**
 * A whole message without its empty line: `bytes[start..end)`, which stand in the chunk that was fed. Where `isLent`, they
 * came in several and are overwritten after the call.
 */
export type OnFrame = (bytes: Buffer, start: number, end: number, offset: number, isLent: boolean) => void

/** A message beyond the limit was skipped; `offset` is where it began, `beginning` its first bytes. */
export type OnOversize = (offset: number, beginning: Buffer) => void

const CR_LF_CR_LF = Buffer.from('\r\n\r\n')
const LF_LF = Buffer.from('\n\n')
/** The output of a command before Asterisk 14, also behind a banner or line ends too many. */
const COMMAND = /^\s*(?:Asterisk Call Manager\/[^\n]*\n\s*)?Response: Follows/
const COMMAND_BYTES = 128
const MAY_BEGIN_COMMAND = new Set(Buffer.from('RA\r\n'))
/** The first letter of an event, which is no command. */
const EVENT = 0x45
const CR = 0x0d
const LF = 0x0a
/** A whole line that begins an AMI message or a stream of them, and how it ends. It is no longer than this. */
const LIKE_AMI_LINE = /(?:^|\n)(?:Asterisk Call Manager\/|Event:|Response:)[^\r\n]{0,200}(\r?\n)/i
const LIKE_AMI_BYTES = 256
const END_COMMAND = '--END COMMAND--'
const BEGINNING_BYTES = 64

export class AmiFramer {
  private readonly maxMessageBytes: number
  private readonly onFrame: OnFrame
  private readonly onOversize: OnOversize

  /** The empty line that ends a message, undefined until the stream has shown its line ends. */
  private emptyLine: Buffer | undefined
  /** The bytes of the message that is not yet whole: held[0..heldLength). */
  private held = Buffer.allocUnsafe(4096)
  private heldLength = 0
  /** Where in the stream the unfinished message began. */
  private messageOffset = 0
  /** How much of the message at hand was searched for the end of a command, in bytes. */
  private searchedForEnd = 0
  /** The message at hand is beyond the limit: of it, only the last bytes are held. */
  private skipping = false

  constructor(options: FramerOptions, onFrame: OnFrame, onOversize: OnOversize) {
    this.maxMessageBytes = options.maxMessageBytes
    this.onFrame = onFrame
    this.onOversize = onOversize
  }

  /** CRLF, LF, or undefined while the stream has not shown which. */
  get lineEnd(): '\r\n' | '\n' | undefined {
    if (this.emptyLine === undefined) return undefined
    return this.emptyLine === LF_LF ? '\n' : '\r\n'
  }

  /** The message that has begun but not ended, where in the stream it began, and whether it is being skipped. */
  get unfinished(): { bytes: Buffer; offset: number; skipped: boolean } {
    return { bytes: this.held.subarray(0, this.heldLength), offset: this.messageOffset, skipped: this.skipping }
  }

  feed(chunk: Buffer): void {
    if (this.emptyLine !== undefined) {
      this.cut(chunk, this.emptyLine)
      return
    }
    const searchFrom = Math.max(0, this.heldLength - 1)
    this.hold(chunk, 0, chunk.length)
    this.emptyLine = emptyLineOf(this.held.subarray(0, this.heldLength), searchFrom, this.maxMessageBytes)
    if (this.emptyLine === undefined) return
    const sofar = Buffer.from(this.held.subarray(0, this.heldLength))
    this.heldLength = 0
    this.cut(sofar, this.emptyLine)
  }

  private cut(chunk: Buffer, emptyLine: Buffer): void {
    let start = 0
    if (this.heldLength > 0) {
      start = this.finishHeld(chunk, emptyLine)
      if (start < 0) return
    }
    let searchFrom = start
    for (;;) {
      const found = indexOfEmptyLine(chunk, emptyLine, searchFrom)
      if (found < 0) break
      const next = found + emptyLine.length
      if (this.passOn(chunk, start, found, false)) {
        this.messageOffset += next - start
        start = next
      }
      searchFrom = next
    }
    this.hold(chunk, start, chunk.length)
    this.giveUpIfOversize(emptyLine)
  }

  /** Joins the held beginning with what of `chunk` ends its message; returns where the next begins, or -1. */
  private finishHeld(chunk: Buffer, emptyLine: Buffer): number {
    let taken = 0
    // The empty line may straddle the chunks: step byte by byte over as many bytes as that can take.
    while (taken < Math.min(emptyLine.length - 1, chunk.length)) {
      this.hold(chunk, taken, taken + 1)
      taken++
      if (this.heldEndsWith(emptyLine) && this.passOnHeld(emptyLine)) return taken
    }
    let searchFrom = 0
    for (;;) {
      const found = indexOfEmptyLine(chunk, emptyLine, searchFrom)
      const end = found < 0 ? chunk.length : found + emptyLine.length
      this.hold(chunk, taken, end)
      taken = Math.max(taken, end)
      if (found < 0) {
        this.giveUpIfOversize(emptyLine)
        return -1
      }
      if (this.passOnHeld(emptyLine)) return end
      searchFrom = end
    }
  }

  private heldEndsWith(emptyLine: Buffer): boolean {
    const from = this.heldLength - emptyLine.length
    return from >= 0 && emptyLine.compare(this.held, from, this.heldLength) === 0
  }

  private passOnHeld(emptyLine: Buffer): boolean {
    const end = this.heldLength - emptyLine.length
    if (!this.skipping && !this.passOn(this.held, 0, end, true)) return false
    this.messageOffset += this.heldLength
    this.heldLength = 0
    this.skipping = false
    return true
  }

  /** False if the empty line at `end` does not end the message: the text of a command before Asterisk 14 holds some. */
  private passOn(bytes: Buffer, start: number, end: number, isLent: boolean): boolean {
    if (end - start > this.maxMessageBytes) {
      this.onOversize(this.messageOffset, Buffer.from(bytes.subarray(start, start + BEGINNING_BYTES)))
      this.searchedForEnd = 0
      return true
    }
    if (bytes[start] !== EVENT && this.isUnfinishedCommand(bytes, start, end)) return false
    this.searchedForEnd = 0
    this.onFrame(bytes, start, end, this.messageOffset, isLent)
    return true
  }

  /**
   * Before Asterisk 14 a command's text follows its headers raw, empty lines and all, up to `--END COMMAND--`. That is
   * looked for only in what was not yet looked through: a text of empty lines alone would take forever otherwise.
   */
  private isUnfinishedCommand(bytes: Buffer, start: number, end: number): boolean {
    if (!MAY_BEGIN_COMMAND.has(bytes[start] as number)) return false
    if (!COMMAND.test(bytes.toString('latin1', start, Math.min(end, start + COMMAND_BYTES)))) return false
    const from = start + Math.max(0, this.searchedForEnd - END_COMMAND.length)
    this.searchedForEnd = end - start
    return !bytes.subarray(from, end).includes(END_COMMAND)
  }

  private giveUpIfOversize(emptyLine: Buffer): void {
    if (this.skipping) {
      this.dropHeldBut(emptyLine.length - 1)
    } else if (this.heldLength > this.maxMessageBytes + emptyLine.length) {
      this.onOversize(this.messageOffset, Buffer.from(this.held.subarray(0, BEGINNING_BYTES)))
      this.skipping = true
      this.searchedForEnd = 0
      this.dropHeldBut(emptyLine.length - 1)
    }
  }

  private dropHeldBut(bytes: number): void {
    const from = Math.max(0, this.heldLength - bytes)
    this.held.copy(this.held, 0, from, this.heldLength)
    this.messageOffset += from
    this.heldLength -= from
  }

  private hold(chunk: Buffer, start: number, end: number): void {
    if (end <= start) return
    const length = this.heldLength + end - start
    if (length > this.held.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.held.length * 2))
      this.held.copy(larger, 0, 0, this.heldLength)
      this.held = larger
    }
    chunk.copy(this.held, this.heldLength, start, end)
    this.heldLength = length
  }
}

/**
 * Where the next empty line begins, or -1. CRLF CRLF is looked for by its last byte: where that is no line end, neither
 * are the next three. That is three times as fast as `Buffer.indexOf`, which stops at each line and is called for each
 * message.
 */
function indexOfEmptyLine(bytes: Buffer, emptyLine: Buffer, from: number): number {
  if (emptyLine !== CR_LF_CR_LF) return bytes.indexOf(emptyLine, from)
  const { length } = bytes
  let at = from + 3
  while (at < length) {
    const byte = bytes[at] as number
    if (byte > CR) at += 4
    else if (byte === LF) {
      if (bytes[at - 1] === CR && bytes[at - 2] === LF && bytes[at - 3] === CR) return at - 3
      at += 2
    } else at += byte === CR ? 1 : 4
  }
  return -1
}

/**
 * Which empty line ends the messages of a stream that begins so: its first line that looks like AMI shows it. Undefined if
 * there is none yet. Only the first `limit` bytes count, so that the answer is the same however the stream is cut.
 */
function emptyLineOf(beginning: Buffer, searchFrom: number, limit: number): Buffer | undefined {
  const telling = beginning.toString(
    'latin1',
    Math.max(0, searchFrom - LIKE_AMI_BYTES),
    Math.min(beginning.length, limit),
  )
  const lineEnd = LIKE_AMI_LINE.exec(telling)?.[1]
  if (lineEnd !== undefined) return lineEnd === '\r\n' ? CR_LF_CR_LF : LF_LF
  return beginning.length < limit ? undefined : CR_LF_CR_LF
}
