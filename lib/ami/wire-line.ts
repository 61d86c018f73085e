import { bytesOfText } from '../byte-string.ts'
import { decodeBytes, type LineEnd } from './decode.ts'

const COLON = 0x3a
const BLANK = 0x20
const CR = 0x0d
const LF = 0x0a
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const NAMES = 16384

/** Which message had a name of this hash last: two names of one message that share it may be the same. */
const lastWith = new Uint32Array(NAMES)
let messages = 0

/** How long the line of a message of so many bytes can be: every one of them escaped, and each a header of its own. */
export function maxLineBytes(messageBytes: number): number {
  return 6 * messageBytes + 16
}

/**
 * Writes the message in `bytes[start..end)` as a line of NDJSON without its line end, byte by byte: by way of strings it
 * took five times as long, and that was most of what ami-parse did.
 *
 * @param out with room for {@link maxLineBytes} from `at` on
 * @returns where the line ends; -1 if the message may have a header more than once
 */
export function writeLine(
  bytes: Buffer,
  start: number,
  end: number,
  lineEnd: LineEnd,
  out: Buffer,
  at: number,
): number {
  const isCrLf = lineEnd === '\r\n'
  const lineEndBytes = lineEnd.length
  messages = (messages + 1) >>> 0
  let to = at
  for (let lineStart = start; lineStart < end; ) {
    let hash = 0
    let colon = lineStart
    let byte = 0
    for (; colon < end; colon++) {
      byte = bytes[colon] as number
      if (byte === COLON || (byte === LF && (!isCrLf || bytes[colon - 1] === CR))) break
      hash = (hash * 31 + byte) | 0
    }
    const isHeader = colon < end && byte === COLON && colon > lineStart
    let valueStart = colon + 1
    if (valueStart < end && bytes[valueStart] === BLANK) valueStart++
    const valueEnd = byte === COLON ? lineEndFrom(bytes, colon + 1, end, isCrLf) : colon
    if (isHeader) {
      hash = (hash ^ (hash >>> 15)) & (NAMES - 1)
      if (lastWith[hash] === messages) return -1
      lastWith[hash] = messages
      out[to] = to === at ? 0x7b : COMMA
      out[to + 1] = QUOTE
      to = writeText(bytes, lineStart, colon, out, to + 2)
      out[to] = QUOTE
      out[to + 1] = COLON
      out[to + 2] = QUOTE
      to = writeText(bytes, Math.min(valueStart, valueEnd), valueEnd, out, to + 3)
      out[to++] = QUOTE
    }
    lineStart = byte === COLON ? valueEnd + lineEndBytes : colon + 1
  }
  if (to === at) out[to++] = 0x7b
  out[to++] = 0x7d
  return to
}

function lineEndFrom(bytes: Uint8Array, from: number, end: number, isCrLf: boolean): number {
  for (let at = from; at < end; at++) {
    if (bytes[at] !== LF) continue
    if (!isCrLf) return at
    if (at > from && bytes[at - 1] === CR) return at - 1
  }
  return end
}

/** Writes a name or value as it stands between the quotes of JSON. */
function writeText(bytes: Buffer, start: number, end: number, out: Buffer, begin: number): number {
  let to = begin
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number
    if (byte >= 0x80) return writeBeyondAscii(bytes, start, end, out, begin)
    if (byte >= 0x20 && byte !== QUOTE && byte !== BACKSLASH) out[to++] = byte
    else to += out.write(JSON.stringify(String.fromCharCode(byte)).slice(1, -1), to, 'latin1')
  }
  return to
}

function writeBeyondAscii(bytes: Buffer, start: number, end: number, out: Buffer, to: number): number {
  const text = decodeBytes(bytes.toString('latin1', start, end))
  return to + out.write(bytesOfText(JSON.stringify(text).slice(1, -1)), to, 'latin1')
}
