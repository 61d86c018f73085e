import { openSync, readSync, writeSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

/**
 * Measures the loop of the process into which it is loaded (`NODE_OPTIONS=--import`), and writes into the file that
 * LOOP_PROBE names a line each second. A turn that came late may have waited for a processor: so beside how
 * late it came stands how much processor time its thread had meanwhile. What is less of the two was its own work.
 */
const EVERY_MS = 5
const TOLD_EVERY_MS = 1000

/** The processor time of the main thread, in ns, is the first number in it (proc_pid_schedstat). */
const SCHEDSTAT = `/proc/self/task/${process.pid}/schedstat`

/** What the probe of a process has seen in a second: times in ms. */
export interface LoopStops {
  /** When: ms since the epoch. */
  at: number
  /** The longest time for which the loop stood, whyever. */
  longest: number
  /** The longest for which it stood because of its own work, garbage collection included. */
  longestOwn: number
  /** How often it stood for more than 50 ms because of its own work. */
  own50: number
}

const file = process.env.LOOP_PROBE
if (file !== undefined && isMainThread) {
  const out = openSync(file, 'w')
  const none = { longest: 0, longestOwn: 0, own50: 0 }
  let stops = { ...none }
  let last = performance.now()
  const schedstat = openSync(SCHEDSTAT, 'r')
  const buffer = Buffer.alloc(64)
  const usedMs = (): number => {
    const length = readSync(schedstat, buffer, 0, buffer.length, 0)
    return Number(buffer.toString('latin1', 0, length).split(' ', 1)[0]) / 1e6
  }
  let lastUsed = usedMs()
  let toldAt = 0
  setInterval(() => {
    const now = performance.now()
    const used = usedMs()
    const stood = now - last - EVERY_MS
    const own = Math.min(stood, used - lastUsed)
    last = now
    lastUsed = used
    stops.longest = Math.max(stops.longest, stood)
    stops.longestOwn = Math.max(stops.longestOwn, own)
    if (own > 50) stops.own50++
    if (now - toldAt > TOLD_EVERY_MS) {
      toldAt = now
      writeSync(out, `${JSON.stringify({ at: Date.now(), ...stops } satisfies LoopStops)}\n`)
      stops = { ...none }
    }
  }, EVERY_MS).unref()
}
