import { after, before, describe, test } from 'node:test'
import { chosenForAll, chosenGapFlows } from './choice.ts'
import { Gap, type GapFlow } from './gap.ts'
import { cut, type DisturbedRun, frozen, killed, killedTwiceWithFile, takenOver } from './gaps.ts'
import { LANES } from './lanes.ts'
import { until } from './patience.ts'
import type { Run } from './run.ts'
import { linesOf } from './run-flow.ts'
import type { ServerEntry } from './servers.ts'
import type { Stage } from './stage.ts'

interface Round {
  title: string
  open: (entry: ServerEntry) => Promise<DisturbedRun>
  /** The flows that are played; all if undefined. */
  flows?: readonly string[]
}

const rounds: readonly Round[] = [
  { title: 'ami-track is killed and started again, its lines go through Asterisk', open: killed },
  {
    title: 'ami-track is killed, and again once it is back, its lines go into a file',
    open: killedTwiceWithFile,
    flows: [
      ...['gap_hold_goes_on', 'gap_hold_ends', 'gap_held_call_ends'],
      ...['gap_park_goes_on', 'gap_park_picked_up', 'gap_out_rings_on', 'gap_out_answered'],
    ],
  },
  {
    // Of what happens in the moment in which nobody writes, lines are lost (docs/reliability.md).
    title: 'ami-track is killed, and another one takes over',
    open: takenOver,
    flows: ['gap_hold_goes_on', 'gap_park_goes_on', 'gap_out_rings_on'],
  },
  {
    // Nothing is lost, so what is lost with its events elsewhere is not for this round.
    title: 'the link is frozen, and its bytes come later',
    open: frozen,
    flows: [
      ...['gap_park_picked_up', 'gap_park_times_out', 'gap_hold_ends', 'gap_hold_begins', 'gap_local_hold_ends'],
      ...['gap_out_answered', 'gap_out_held_call_ends'],
    ],
  },
  {
    title: 'the link is cut, and events are lost',
    open: cut,
    flows: [
      ...['gap_park_picked_up', 'gap_park_times_out', 'gap_park_given_up', 'gap_parked'],
      ...[
        'gap_hold_ends',
        'gap_queue_answered',
        'gap_queue_answered_by_agent',
        'gap_out_held_call_ends',
        'gap_transferred',
        'gap_local_transferred',
      ],
      ...['gap_local_park_picked_up', 'gap_out_parked', 'gap_out_answered', 'gap_out_local_answered', 'gap_out_taken'],
    ],
  },
]

const servers = chosenForAll()

describe('calls through a gap', { concurrency: servers.length }, () => {
  for (const entry of servers) {
    // One after the other: each starts the server anew.
    describe(entry.name, { concurrency: 1 }, () => {
      for (const round of rounds) describeRound(entry, round)
    })
  }
})

function describeRound(entry: ServerEntry, { title, open, flows }: Round): void {
  const played = chosenGapFlows().filter(({ name }) => flows?.includes(name) !== false)
  if (played.length === 0) return
  describe(`${title} (${entry.name})`, { concurrency: 1 }, () => {
    let disturbed: DisturbedRun
    before(async () => {
      disturbed = await open(entry)
    })
    after(() => disturbed?.close())

    for (const together of inTurns(played)) {
      describe(`${together.length} calls go through one gap`, { concurrency: together.length }, () => {
        let gap: Gap
        before(() => {
          gap = new Gap(together.length, disturbed.disturbance)
        })
        for (const flow of together) {
          test(`${flow.name}: ${flow.title}`, () => disturbed.run.play(throughGap(flow, gap, disturbed.run)))
        }
      })
    }

    test('every line is expected, nothing is open, and the daemon has nothing to complain of', () =>
      disturbed.assertEnd())
  })
}

/** As many at once as there are lanes: lane 0 is for recordings. */
function inTurns(flows: readonly GapFlow[]): GapFlow[][] {
  const size = LANES - 1
  return Array.from({ length: Math.ceil(flows.length / size) }, (_, turn) =>
    flows.slice(turn * size, (turn + 1) * size),
  )
}

/** The flow through the gap; its lines are those of its lane from its beginning on. */
function throughGap(flow: GapFlow, gap: Gap, run: Run) {
  let from = 0
  const isLogged = (line: RegExp, { lane }: Stage): boolean =>
    linesOf({ lane, from }, run.queueLog).some(({ plain }) => line.test(plain))
  const through = gap.through(flow, async (line, stage) => {
    await until(() => isLogged(line, stage), `a line ${line}`)
  })
  return {
    ...through,
    hasGap: true,
    play: (stage: Stage) => {
      from = run.queueLog.lines().length
      return through.play(stage)
    },
  }
}
