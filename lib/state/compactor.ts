import { setImmediate as nextTurn } from 'node:timers/promises'
import type { AmiMessage } from '../ami/message.ts'
import { LineReader } from '../records/ndjson.ts'
import type { OpenCall } from '../trackers/tracker.ts'
import { OpenCallEvents } from './compaction.ts'
import { bytesOf, entryOf } from './entries.ts'
import type { Rewriting } from './journal.ts'

/** How many calls are compared, or lines written, in one turn of the event loop. */
const AT_ONCE = 500

/** New trackers, to see what they make of events. */
export interface Replay {
  pass: (messages: AmiMessage[]) => void
  /** The calls that are open then, by tracker. */
  openCalls: () => OpenCall[][]
}

/** What a compaction needs. */
export interface CompactionOf {
  replay: Replay
  /** The calls that are open after all events of the journal. */
  openCalls: readonly OpenCall[][]
  /** The entries after the events. */
  lines: Iterable<string>
  /** Whether the journal has all events that the trackers have seen: otherwise it cannot have all open calls. */
  isWhole: boolean
}

/** The result of a compaction. */
export interface Compacted {
  /** Whether the events that are kept give the same open calls. */
  isSame: boolean
  /** Whether something is left that can be dropped a moment later. */
  hasClosed: boolean
}

/**
 * Writes a journal without the calls that are over, a little in each turn of the event loop. New trackers test it: they
 * must find the same open calls. If they do not, the old journal stays: a long journal is better than a wrong one.
 */
export async function compact(
  { slices, write }: Rewriting,
  { replay, openCalls, lines, isWhole }: CompactionOf,
): Promise<Compacted & { isMade: boolean }> {
  const events = new OpenCallEvents()
  for await (const slice of slices()) {
    for (const entry of slice.map(entryOf)) if (isEvent(entry)) events.read(eventIn(entry))
  }
  const { kept: keptOf, hasClosed } = events.selection()
  let n = 0
  for await (const slice of slices()) {
    const kept = slice.flatMap((line) => {
      const what = isEvent(entryOf(line)) ? keptOf(n++) : undefined
      return what === undefined ? [] : what === 'as it is' ? line : bytesOf([what.toLine()])
    })
    replay.pass(kept.map((line) => eventIn(entryOf(line))))
    if (kept.length > 0) await write(Buffer.concat(kept))
  }
  const isSame = await areSame(replay.openCalls(), openCalls)
  if (!isSame && isWhole) return { isSame, hasClosed, isMade: false }
  for (const some of chunksOf(lines)) await write(bytesOf(some))
  return { isSame, hasClosed, isMade: true }
}

/** Whether they are the same calls, in any order. */
async function areSame(some: readonly OpenCall[][], others: readonly OpenCall[][]): Promise<boolean> {
  for (const [n, calls] of some.entries()) {
    const other = others[n] ?? []
    if (calls.length !== other.length) return false
    const counts = new Map<string, number>()
    for (let at = 0; at < calls.length; at++) {
      if (at % AT_ONCE === AT_ONCE - 1) await nextTurn()
      const call = JSON.stringify(calls[at])
      counts.set(call, (counts.get(call) ?? 0) + 1)
    }
    for (let at = 0; at < other.length; at++) {
      if (at % AT_ONCE === AT_ONCE - 1) await nextTurn()
      const call = JSON.stringify(other[at])
      const left = counts.get(call) ?? 0
      if (left === 0) return false
      counts.set(call, left - 1)
    }
  }
  return true
}

function* chunksOf(entries: Iterable<string>): Generator<string[]> {
  let chunk: string[] = []
  for (const entry of entries) {
    chunk.push(entry)
    if (chunk.length < AT_ONCE) continue
    yield chunk
    chunk = []
  }
  yield chunk
}

const journalLines = new LineReader(() => true)

/** Whether an entry is an event, and not about lines. */
export function isEvent(entry: string): boolean {
  return !entry.startsWith('#')
}

/** The event that an entry is. */
export function eventIn(entry: string): AmiMessage {
  const record = journalLines.read(entry)
  if (record.kind !== 'ami') throw new Error(`no event: ${entry.slice(0, 60)}`)
  return record
}
