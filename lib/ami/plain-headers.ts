import { crLfFrom } from './cr-lf.ts'
import { isRawOutput } from './decode.ts'
import type { Headers } from './message.ts'
import { TextCache } from './text-cache.ts'

const BEYOND_ASCII = /[\x80-\xff]/
const COLON = 0x3a
const BLANK = 0x20
const CR = 0x0d
const LF = 0x0a

/** The few hundred names that Asterisk has. */
const names = new TextCache()

/**
 * The headers of the message in `bytes[start..end)`, as {@link decodeHeaders} tells them; undefined unless all of it is ASCII and
 * each header stands there once. Names are texts that are known, values are cut out of one text: of each event some twenty.
 */
export function plainHeaders(bytes: Buffer, start: number, end: number): Headers | undefined {
  const text = bytes.toString('latin1', start, end)
  if (BEYOND_ASCII.test(text) || isRawOutput(text)) return undefined
  const headers = new Map<string, string>()
  let count = 0
  let lineStart = start
  while (lineStart < end) {
    const colon = colonFrom(bytes, lineStart, end)
    if (colon < 0) {
      lineStart = crLfFrom(bytes, lineStart, end) + 2
      continue
    }
    const lineEnd = crLfFrom(bytes, colon, end)
    if (colon > lineStart) {
      const valueStart = bytes[colon + 1] === BLANK ? Math.min(colon + 2, lineEnd) : colon + 1
      headers.set(names.ascii(bytes, lineStart, colon) as string, text.slice(valueStart - start, lineEnd - start))
      if (headers.size === count) return undefined
      count++
    }
    lineStart = lineEnd + 2
  }
  return headers
}

/** The first colon of the line that begins at `from`; -1 if it has none. */
function colonFrom(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at] as number
    // A letter, mostly.
    if (byte > COLON) continue
    if (byte === COLON) return at
    if (byte === LF && at > from && bytes[at - 1] === CR) return -1
  }
  return -1
}
