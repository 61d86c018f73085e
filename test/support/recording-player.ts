import { setTimeout as sleep } from 'node:timers/promises'

/** One message of a recording and when it came. */
export interface Recorded {
  /** ms since the epoch; that of the message before where it has no Timestamp */
  at: number
  bytes: Buffer
  event: string
  headers: ReadonlyMap<string, string>
}

const EMPTY_LINE = '\r\n\r\n'

/** The events of a recording, without its greeting and login. */
export function eventsOf(recording: Buffer): Recorded[] {
  const events: Recorded[] = []
  let at = 0
  for (let start = recording.indexOf('Event: '); start >= 0; ) {
    const end = recording.indexOf(EMPTY_LINE, start)
    if (end < 0) break
    const bytes = recording.subarray(start, end + EMPTY_LINE.length)
    const lines = bytes.toString('latin1').split('\r\n')
    const headers = new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]))
    const stamp = Number(headers.get('Timestamp') ?? 0) * 1000
    at = stamp || at
    const event = headers.get('Event')
    if (event !== undefined) events.push({ at, bytes, event, headers })
    start = end + EMPTY_LINE.length
    if (start >= recording.length) break
  }
  return events
}

/**
 * Plays events as fast as they were recorded, stamped with the time at which they are played.
 *
 * @param each gets an event, its bytes with its new stamp, when it is its turn
 * @param signal ends it with an AbortError
 */
export async function play(
  events: readonly Recorded[],
  each: (event: Recorded) => void,
  signal?: AbortSignal,
): Promise<void> {
  const first = events.find(({ at }) => at > 0)?.at ?? 0
  const began = Date.now()
  for (const event of events) {
    const due = began + Math.max(0, event.at - first)
    const wait = due - Date.now()
    if (wait > 0) await sleep(wait, undefined, signal && { signal })
    const text = event.bytes.toString('latin1')
    const bytes = Buffer.from(text.replace(/^Timestamp: .*$/m, `Timestamp: ${(due / 1000).toFixed(6)}`), 'latin1')
    each({ ...event, bytes })
  }
}
