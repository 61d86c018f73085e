/** Whether `bytes[start..end)` begins so. Byte by byte: a call into native code for each line would cost more than the line. */
export function startsWith(bytes: Buffer, start: number, end: number, beginning: Buffer): boolean {
  if (start + beginning.length > end) return false
  for (let n = 0; n < beginning.length; n++) if (bytes[start + n] !== beginning[n]) return false
  return true
}
