import { bytesOfText } from '../byte-string.ts'

/** The value of a header; an array where the header occurs more than once, in the order of the stream. */
export type HeaderValue = string | string[]

export type Headers = ReadonlyMap<string, HeaderValue>

/**
 * One AMI message: an event, an item of a list, or a response.
 *
 * Header names keep their order and spelling (Asterisk spells `Uniqueid`, `DestUniqueId` and `BridgeID` as it likes), so
 * look-ups are by exact name first and then in any case.
 */
export abstract class AmiMessage {
  readonly kind = 'ami'
  /** The name of the event, or '' for a response. */
  readonly event: string
  private namesInAnyCase: Map<string, string> | undefined
  private readonly askedNames: string[] = []
  private readonly askedValues: (string | undefined)[] = []
  private readTimestamp: number | null | undefined

  constructor(event: string) {
    this.event = event
  }

  abstract headers(): Headers

  /** The message as a line of NDJSON without its line end, as a byte string. */
  abstract toLine(): string

  /**
   * The first value of a header, its name in any case; undefined where the message has no such header. Every tracker of
   * a chain asks for the same few: what was found once is kept.
   */
  get(name: string): string | undefined {
    const known = this.askedNames.indexOf(name)
    if (known >= 0) return this.askedValues[known]
    const value = this.find(name)
    this.askedNames.push(name)
    this.askedValues.push(value)
    return value
  }

  /** Looks a header up by its exact name, else in any case. */
  protected find(name: string): string | undefined {
    const headers = this.headers()
    const value = headers.get(name) ?? headers.get(this.spellingOf(name, headers))
    return typeof value === 'object' ? value[0] : value
  }

  /** The time in its Timestamp header, in ms since the epoch with a fraction; undefined if it has none. */
  get timestamp(): number | undefined {
    if (this.readTimestamp === undefined) this.readTimestamp = millisecondsOf(this.get('Timestamp')) ?? null
    return this.readTimestamp ?? undefined
  }

  /**
   * Whether this is an item of a list that some client asked for: those carry the ActionID of the request. (So does
   * OriginateResponse, which is an event all the same.) `Privilege` is no test: Status items have one.
   */
  isListItem(): boolean {
    return this.event !== '' && this.event !== 'OriginateResponse' && this.get('ActionID') !== undefined
  }

  private spellingOf(name: string, headers: Headers): string {
    if (this.namesInAnyCase === undefined) {
      this.namesInAnyCase = new Map()
      for (const spelling of headers.keys()) {
        const folded = spelling.toLowerCase()
        if (!this.namesInAnyCase.has(folded)) this.namesInAnyCase.set(folded, spelling)
      }
    }
    return this.namesInAnyCase.get(name.toLowerCase()) ?? name
  }
}

const TIMESTAMP = /^\d{1,11}(?:\.\d+)?$/

/** `<epoch>.<µs>` in ms. Whole seconds and fraction apart: as one float, two stamps 300 ms apart might not be. */
function millisecondsOf(timestamp: string | undefined): number | undefined {
  if (timestamp === undefined || !TIMESTAMP.test(timestamp)) return undefined
  const dot = timestamp.indexOf('.')
  if (dot < 0) return Number(timestamp) * 1000
  return Number(timestamp.slice(0, dot)) * 1000 + Number(timestamp.slice(dot)) * 1000
}

/** A message whose headers are at hand: built by a program, or read from elsewhere than the wire. */
export class HeaderMessage extends AmiMessage {
  private readonly ownHeaders: Headers

  constructor(headers: Headers, event = eventOf(headers)) {
    super(event)
    this.ownHeaders = headers
  }

  override headers(): Headers {
    return this.ownHeaders
  }

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

/** The name of the event that these headers are of, or '' if they have no Event header (in any case). */
export function eventOf(headers: Headers): string {
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
