const CR = 0x0d
const LF = 0x0a

/** The first CRLF of `bytes[from..end)`, or `end`. It looks at every other byte where that shows that neither is one. */
export function crLfFrom(bytes: Uint8Array, from: number, end: number): number {
  let at = from + 1
  while (at < end) {
    const byte = bytes[at] as number
    if (byte > CR) at += 2
    else if (byte === LF && bytes[at - 1] === CR) return at - 1
    else at += byte === CR ? 1 : 2
  }
  return end
}
