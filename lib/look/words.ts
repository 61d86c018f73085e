/** Times of this machine, and how long ago they were, in as few letters as a screen has room for. */

/** `14:03:09` @param at ms since the epoch */
export function clockTime(at: number): string {
  return dateAndTime(at).slice(11)
}

/** `14:03:09.123` @param at ms since the epoch */
export function timeOfDay(at: number): string {
  return `${clockTime(at)}.${String(Math.floor(Math.max(0, at) % 1000)).padStart(3, '0')}`
}

/** `2026-11-28 14:03:09` @param at ms since the epoch */
export function dateAndTime(at: number): string {
  const time = new Date(at)
  if (Number.isNaN(time.getTime())) return 'an unknown time    '
  const local = new Date(at - time.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 19).replace('T', ' ')
}

/** `2 days 3 h`, `4 h 12 min`, `12 min`, `8 s` @param ms how long */
export function roughly(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  const hours = Math.floor(minutes / 60)
  const days = Math.floor(hours / 24)
  if (days > 0) return `${days} day${days > 1 ? 's' : ''} ${hours % 24} h`
  if (hours > 0) return `${hours} h ${minutes % 60} min`
  return minutes > 0 ? `${minutes} min` : `${Math.max(0, Math.floor(ms / 1000))} s`
}
