import { bytesOfText } from '../text/byte-string.ts'
import { checkValue, type Expected } from '../text/expected.ts'
import type { LineWriter } from '../text/line-writer.ts'

/** The value of a header; an array where the header occurs more than once, in the order of the stream. */
export type HeaderValue = string | string[]

/** The headers of a message by their names, in the order and spelling of the stream. */
export type Headers = ReadonlyMap<string, HeaderValue>

/**
 * One AMI message: an event, an item of a list, or a response.
 *
 * Header names keep their order and spelling (Asterisk spells `Uniqueid`, `DestUniqueId` and `BridgeID` as it likes), so
 * look-ups are by exact name first and then in any case.
 */
export abstract class AmiMessage {
  /** Tells it from the other records of a stage. */
  readonly kind = 'ami'
  /** The name of the event, or '' for a response. */
  readonly event: string

  constructor(event: string) {
    this.event = event
  }

  /** All of its headers. */
  abstract headers(): Headers

  /** The message as a line of NDJSON without its line end, as a byte string. */
  abstract toLine(): string

  /**
   * Adds the same line to what is to be written.
   *
   * @internal
   */
  writeLine(out: LineWriter): void {
    out.addLine(this.toLine())
  }

  /** The first value of a header, its name in any case; undefined where the message has no such header. */
  get(name: string): string | undefined {
    const headers = this.headers()
    const value = headers.get(name) ?? headers.get(spellingOf(name, headers))
    return typeof value === 'object' ? value[0] : value
  }

  /** The time in its Timestamp header, in ms since the epoch with a fraction; undefined if it has none. */
  get timestamp(): number | undefined {
    const text = this.get('Timestamp')
    return text === undefined ? undefined : millisecondsIn(Buffer.from(text, 'utf8'))
  }

  /**
   * Whether this is an item of a list that some client asked for: those carry the ActionID of the request. (So does
   * OriginateResponse, which is an event all the same.) `Privilege` is no test: Status items have one.
   */
  isListItem(): boolean {
    return this.event !== '' && this.event !== 'OriginateResponse' && this.get('ActionID') !== undefined
  }
}

/** How a name is spelled in a message: the first of its headers that is the same in another case, or the name itself. */
function spellingOf(name: string, headers: Headers): string {
  const folded = name.toLowerCase()
  for (const spelling of headers.keys()) if (spelling.toLowerCase() === folded) return spelling
  return name
}

const MAX_SECONDS_DIGITS = 11
/** Up to so many digits are a whole number exactly. */
const EXACT_DIGITS = 15
const DOT = 0x2e

/**
 * `<epoch>.<µs>` in `bytes[start..end)` as ms; undefined if it is anything else. Whole seconds and fraction apart: as one
 * float, two stamps 300 ms apart might not be. By its bytes: every record that passes a stage is read so.
 */
export function millisecondsIn(bytes: Uint8Array, start = 0, end = bytes.length): number | undefined {
  let at = start
  let seconds = 0
  for (; at < end; at++) {
    const digit = (bytes[at] as number) - 0x30
    if (digit < 0 || digit > 9) break
    seconds = seconds * 10 + digit
  }
  if (at === start || at - start > MAX_SECONDS_DIGITS) return undefined
  if (at === end) return seconds * 1000
  if (bytes[at] !== DOT || at + 1 === end) return undefined
  let parts = 0
  let scale = 1
  for (at++; at < end; at++) {
    const digit = (bytes[at] as number) - 0x30
    if (digit < 0 || digit > 9) return undefined
    if (scale === 10 ** EXACT_DIGITS) continue
    parts = parts * 10 + digit
    scale *= 10
  }
  return seconds * 1000 + (parts / scale) * 1000
}

/** A message whose headers are at hand: built by a program, or read from elsewhere than the wire. */
export class HeaderMessage extends AmiMessage {
  private readonly ownHeaders: Headers

  /**
   * @param headers in their order
   * @throws TypeError if they are no Map
   */
  constructor(headers: Headers, event = eventOf(headers)) {
    super(event)
    this.ownHeaders = headers
  }

  /** {@inheritDoc AmiMessage.headers} */
  override headers(): Headers {
    return this.ownHeaders
  }

  /** {@inheritDoc AmiMessage.toLine} */
  override toLine(): string {
    return lineOfHeaders(this.ownHeaders)
  }
}

/** Headers as a line of NDJSON, in their own order (a JavaScript object would put names that are numbers first). */
export function lineOfHeaders(headers: Headers): string {
  let line = ''
  for (const [name, value] of headers) {
    line += `${line === '' ? '{' : ','}${JSON.stringify(name)}:${JSON.stringify(value)}`
  }
  return bytesOfText(line === '' ? '{}' : `${line}}`)
}

const A_MAP: Expected = { what: 'a Map of names and values', fits: (value) => value instanceof Map }

/** The name of the event that these headers are of, or '' if they have no Event header (in any case). */
export function eventOf(headers: Headers): string {
  checkValue('HeaderMessage', 'headers', headers, A_MAP)
  let value = headers.get('Event')
  if (value === undefined) {
    for (const [name, other] of headers) {
      if (name.toLowerCase() === 'event') {
        value = other
        break
      }
    }
  }
  return (typeof value === 'object' ? value[0] : value) ?? ''
}

/** Adds a header the way the record protocol holds it: a name that is there already collects its values in an array. */
export function addHeader(headers: Map<string, HeaderValue>, name: string, value: string): void {
  const before = headers.get(name)
  if (before === undefined) headers.set(name, value)
  else if (typeof before === 'string') headers.set(name, [before, value])
  else before.push(value)
}

/**
 * The wire form of a message: CRLF after each header and an empty line. Values must not hold CRLF (AMI has no escape
 * for it); names must not hold ':' or CRLF.
 *
 * @throws RangeError if a name or value cannot be written on the wire
 */
export function wireOf(message: AmiMessage): Buffer {
  let text = ''
  for (const [name, value] of message.headers()) {
    for (const one of typeof value === 'string' ? [value] : value) {
      if (/\r\n|:/.test(name) || name === '' || one.includes('\r\n') || one.endsWith('\r')) {
        throw new RangeError(`header ${JSON.stringify(name)} cannot be written on the wire`)
      }
      text += `${name}: ${one}\r\n`
    }
  }
  return Buffer.from(`${text}\r\n`, 'utf8')
}
