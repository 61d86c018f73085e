import { runPipe } from '../../support/programs.ts'
import { TRACKING } from '../daemon.ts'
import { type LaneLine, LaneLines } from '../lane-lines.ts'
import type { Run } from '../run.ts'
import type { Played } from '../run-flow.ts'
import { grouped } from './grouped.ts'
import type { Life } from './life.ts'

/** A call whose lines were as they should be: those of ami-track, as in lane 0 and without their times. */
export interface Told {
  played: Played
  ours: readonly string[]
}

/**
 * Replays the debug file of a daemon, and compares the lines of the calls that it knew from their beginning to their end.
 *
 * @param told all calls of the run that were told as they should be
 * @returns how many calls were compared, and a sentence for each that differs
 */
export async function compareReplay(
  life: Life,
  { server, played: all }: Pick<Run, 'server' | 'played'>,
  told: readonly Told[],
): Promise<{ compared: number; differences: string[] }> {
  const { stdout, stderr, codes } = await runPipe([['ami-track', '--replay', life.dump, ...TRACKING]])
  if (stderr !== '' || codes[0] !== 0) {
    return { compared: 0, differences: [`the replay of ${life.dump} ended with ${codes[0]}: ${stderr.trim()}`] }
  }
  const lines = stdout.trimEnd().split('\n')
  const replayed = linesByFlow(new LaneLines({ lines: () => lines, close: () => {} }, server.entry.technology), all)
  const whole = told.filter(({ played }) => played.began >= life.began && played.ended <= life.ended)
  const differences = whole.flatMap(({ played, ours }) => {
    const again = (replayed.get(played) ?? []).map(({ plain }) => plain)
    if (again.toSorted().join('\n') === ours.toSorted().join('\n')) return []
    const [live, replay] = [ours, again].map((some) => some.join('  ') || 'nothing')
    return [`${played.flow.name} in lane ${played.lane.number}: live ${live}; the replay of ${life.dump} has ${replay}`]
  })
  return { compared: whole.length, differences }
}

/** A line belongs to the last flow of its lane that had begun: lines of a replay have the times of their events. */
function linesByFlow(lines: LaneLines, all: readonly Played[]): Map<Played, LaneLine[]> {
  const found = new Map<Played, LaneLine[]>()
  for (const flows of grouped(all, ({ lane }) => lane).values()) {
    for (const line of lines.of((flows[0] as Played).lane)) {
      const its = flows.findLast(({ began }) => Math.floor(began / 1000) <= line.time)
      if (its !== undefined) found.set(its, [...(found.get(its) ?? []), line])
    }
  }
  return found
}
