import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TrackerEntry } from '../../lib/trackers/row.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { root } from './package.ts'

/** A recorded call: what Asterisk sent, what it wrote itself, and what must come out of the product. */
export interface Fixture {
  /** `asterisk-22/queue_hold` */
  name: string
  amiFile: string
  queueLogFile: string
  goldenFile: string
}

const fixturesFolder = join(root, 'fixtures')

/** Every `*.ami` in a folder of fixtures/: a bug report is one more file. */
export function allFixtures(): Fixture[] {
  const folders = readdirSync(fixturesFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return folders.flatMap(({ name: folder }) =>
    readdirSync(join(fixturesFolder, folder))
      .filter((file) => file.endsWith('.ami'))
      .map((file) => fixture(`${folder}/${file.slice(0, -'.ami'.length)}`)),
  )
}

/** Those of which copies may run side by side, as the calls of one server. */
export function fixturesSideBySide(): Fixture[] {
  return allFixtures().filter(({ amiFile }) => {
    const recording = readFileSync(amiFile, 'latin1')
    return !isOfWholeServer(recording) && hasOwnBridges(recording)
  })
}

/** What a server lists after a login is all that there is; and a clock that is set back is so for all of its calls. */
function isOfWholeServer(recording: string): boolean {
  if (recording.includes('Event: ResyncEnd\r\n')) return true
  const times = [...recording.matchAll(/^Timestamp: (\d+\.\d+)/gm)].map(([, time]) => Number(time))
  return times.some((time, n) => time < (times[n - 1] ?? 0) - 1)
}

/** Each copy gets bridges of its own in the place of those whose ids are UUIDs, as Asterisk's are, and not those made by hand. */
function hasOwnBridges(recording: string): boolean {
  const ids = [...recording.matchAll(/^BridgeUniqueid: (.*)\r$/gm)].map(([, id = '']) => id)
  return ids.every((id) => /^[\da-f]{8}-/.test(id))
}

export function fixture(name: string): Fixture {
  const base = join(fixturesFolder, name)
  return { name, amiFile: `${base}.ami`, queueLogFile: `${base}.queue_log`, goldenFile: `${base}.golden` }
}

/** What a golden file holds lines of: all trackers in one chain, and each of them alone. */
export const selections: ReadonlyMap<string, readonly TrackerEntry[]> = new Map([
  ['all trackers', trackers],
  ...trackers.map((entry): [string, TrackerEntry[]] => [entry.program, [entry]]),
])

/** A golden file: a heading for each selection, and its lines. */
export function formatGolden(lines: Readonly<Record<string, string>>): string {
  return [...selections.keys()].map((name) => `# ${name}\n${lines[name] ?? ''}`).join('\n')
}

/** The lines of a recording, with all trackers unless another selection is named. */
export function goldenOf({ goldenFile }: Fixture, selection = 'all trackers'): string {
  if (!existsSync(goldenFile)) return 'this fixture has no golden file: make fixtures'
  const section = readFileSync(goldenFile, 'utf8')
    .split(/^# /m)
    .find((text) => text.startsWith(`${selection}\n`))
  return (
    section
      ?.slice(selection.length + 1)
      .replace(/\n\n$/, '\n')
      .replace(/^\n$/, '') ?? `no section # ${selection}`
  )
}
