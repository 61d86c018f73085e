import { strict as assert } from 'node:assert'
import { runPipe } from '../support/programs.ts'
import { TRACKING } from './daemon.ts'
import { isOfAsteriskItself } from './lane-lines.ts'
import type { Run } from './run.ts'
import { comparisonOf, faultsOfHolds, linesOf, type Played } from './run-flow.ts'

/**
 * Every line of queue_log is one that was expected, also those that came when a flow seemed over.
 *
 * @param from the first line that is looked at
 * @returns the lines that are ours, in the order of the file
 */
export function assertAllAccountedFor(run: Run, from = 0): string[] {
  const all = run.queueLog.lines()
  const known = new Set(all.flatMap((line, index) => (isOfAsteriskItself(line) ? index : [])))
  const ours = new Set<number>()
  for (const played of run.played) {
    const lines = linesOf(played, run.queueLog, nextIn(run, played))
    const plain = lines.map((line) => line.plain)
    const comparison = comparisonOf(played, run, true, plain)
    assert.ok(
      comparison.isSame || played.hasFailed,
      `${played.flow.name}: after its end came ${comparison.surprise}; dump: ${run.dump}`,
    )
    for (const [at, { index }] of lines.entries()) {
      known.add(index)
      if (comparison.ours.has(at)) ours.add(index)
    }
  }
  const unknown = all.filter((_, index) => index >= from && !known.has(index))
  assert.deepEqual(unknown, [], `lines of queue_log that nobody expects; dump: ${run.dump}`)
  return all.filter((_, index) => ours.has(index))
}

/** Where the lines of the next flow in the same lane begin. */
function nextIn({ played }: Run, { lane, from }: Played): number | undefined {
  const next = played.filter((other) => other.lane === lane && other.from > from).map((other) => other.from)
  return next.length === 0 ? undefined : Math.min(...next)
}

/**
 * The daemon's dump replays to the lines that it wrote: the same ones, and in the same order but for those that waited
 * until Asterisk had written its own. Their times are those of the events: each hold began and ended when its phone did it.
 */
export async function assertReplays(run: Run, ours: readonly string[]): Promise<void> {
  const { dump } = run
  const { stdout, stderr, codes } = await runPipe([['ami-track', '--replay', dump, ...TRACKING]])
  assert.deepEqual([codes, stderr], [[0], ''], `the replay of ${dump}`)
  assertHoldsOfPhones(run, stdout.trimEnd().split('\n'))
  const replayed = stdout.trimEnd().split('\n').map(withoutTime)
  const written = ours.map(withoutTime)
  assert.deepEqual(replayed.toSorted(), written.toSorted(), `the lines of the replay of ${dump}`)
  assert.deepEqual(byCall(replayed), byCall(written), `the order in each call of the replay of ${dump}`)
  const ofOthers = (line: string): boolean => !mayWait(line)
  assert.deepEqual(replayed.filter(ofOthers), written.filter(ofOthers), `the order of the replay of ${dump}`)
}

function assertHoldsOfPhones(run: Run, replayed: readonly string[]): void {
  const { played, queueLog, dump } = run
  const callidOf = (line: string): string => line.split('|')[1] ?? ''
  for (const one of played.filter(({ hasFailed }) => !hasFailed)) {
    const callids = new Set(linesOf(one, queueLog, nextIn(run, one)).map(({ line }) => callidOf(line)))
    const own = replayed.filter((line) => callids.has(callidOf(line))).map((line) => ({ line }))
    assert.deepEqual(faultsOfHolds(one, own), [], `the times of the holds of ${one.flow.name} in the replay of ${dump}`)
  }
}

/**
 * Nothing is open in the daemon, it complained of nothing, and it ends when it is told to.
 *
 * @param mayBeTold which of its complaints are as they should be
 */
export async function assertEndsClean({ daemon }: Run, mayBeTold = (_text: string): boolean => false): Promise<void> {
  assert.deepEqual(await daemon.openCalls(), [], 'open calls after the last one')
  const complaints = daemon.messages('warn', 'error', 'fatal').filter((text) => !mayBeTold(text))
  assert.deepEqual(complaints, [], 'what the daemon complains of')
  assert.equal(await daemon.stop(), 0, 'the exit code after SIGTERM, in time')
}

function withoutTime(line: string): string {
  return line.replace(/^\d+\|/, '')
}

/** The lines of each call, and of each member of each queue. */
function byCall(lines: readonly string[]): Record<string, string[]> {
  const calls: Record<string, string[]> = {}
  for (const line of lines) {
    const [callid = '', queue, agent] = line.split('|')
    const key = callid === 'MANAGER' ? `${queue} ${agent}` : `${callid} ${queue}`
    calls[key] = [...(calls[key] ?? []), line]
  }
  return calls
}

/** Those that wait 250 ms, and those that wait behind them: of parking lots, and of log-ins by name. */
function mayWait(line: string): boolean {
  const [callid, queue = ''] = line.split('|')
  return queue.startsWith('pk-') || (callid === 'MANAGER' && !queue.startsWith('q-'))
}
