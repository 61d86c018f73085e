import { bytesOfText } from '../text/byte-string.ts'
import { decodeBytes, type LineEnd } from './decode.ts'

const COLON = 0x3a
const BLANK = 0x20
const CR = 0x0d
const LF = 0x0a
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPEN = 0x7b
const CLOSE = 0x7d
const NAMES = 16384

/** 1 for the bytes that stand in JSON as they are. */
const IS_PLAIN = new Uint8Array(256).map((_, byte) =>
  byte >= 0x20 && byte < 0x80 && byte !== QUOTE && byte !== BACKSLASH ? 1 : 0,
)

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
 * @returns where the line ends; -1 if the message may have a header more than once, or a name is not plain ASCII
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
  messages = (messages + 1) >>> 0
  let to = at
  let from = start
  while (from < end) {
    const lineStart = from
    const lineTo = to
    out[to] = to === at ? OPEN : COMMA
    out[to + 1] = QUOTE
    to += 2
    let hash = 0
    let byte = 0
    while (from < end) {
      byte = bytes[from] as number
      if (IS_PLAIN[byte] === 0 || byte === COLON) break
      hash = (hash * 31 + byte) | 0
      out[to++] = byte
      from++
    }
    if (from === end || byte !== COLON) {
      // An odd name, or a line that is no header.
      const lineStop = lineEndFrom(bytes, from, end, isCrLf)
      const colon = bytes.subarray(lineStart, lineStop).indexOf(COLON)
      if (colon >= 0) return -1
      to = lineTo
      from = lineStop + lineEnd.length
      continue
    }
    if (from === lineStart) {
      to = lineTo
      from = lineEndFrom(bytes, from, end, isCrLf) + lineEnd.length
      continue
    }
    hash = (hash ^ (hash >>> 15)) & (NAMES - 1)
    if (lastWith[hash] === messages) return -1
    lastWith[hash] = messages
    out[to] = QUOTE
    out[to + 1] = COLON
    out[to + 2] = QUOTE
    to += 3
    from++
    if (from < end && bytes[from] === BLANK) from++
    const valueStart = from
    const valueTo = to
    while (from < end) {
      byte = bytes[from] as number
      if (IS_PLAIN[byte] === 1) {
        out[to++] = byte
        from++
      } else if (isCrLf ? byte === CR && from + 1 < end && bytes[from + 1] === LF : byte === LF) {
        break
      } else if (byte >= 0x80) {
        from = lineEndFrom(bytes, from, end, isCrLf)
        to = writeBeyondAscii(bytes, valueStart, from, out, valueTo)
      } else {
        to += out.write(JSON.stringify(String.fromCharCode(byte)).slice(1, -1), to, 'latin1')
        from++
      }
    }
    out[to++] = QUOTE
    from += lineEnd.length
  }
  if (to === at) out[to++] = OPEN
  out[to++] = CLOSE
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

/** Writes a value that is not ASCII alone as it stands between the quotes of JSON. */
function writeBeyondAscii(bytes: Buffer, start: number, end: number, out: Buffer, to: number): number {
  const text = decodeBytes(bytes.toString('latin1', start, end))
  return to + out.write(bytesOfText(JSON.stringify(text).slice(1, -1)), to, 'latin1')
}
