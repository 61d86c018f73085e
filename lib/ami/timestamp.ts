/** `1795373363.148000`, as Asterisk writes it. @param ms since the epoch */
export function formatTimestamp(ms: number): string {
  const microseconds = Math.round(ms * 1000)
  return `${Math.floor(microseconds / 1e6)}.${String(microseconds % 1e6).padStart(6, '0')}`
}
