import { after, before, describe, test } from 'node:test'
import { chosenFlows, chosenServers } from './choice.ts'
import { DaemonOfMany } from './daemon.ts'
import { exceptionOn } from './flow.ts'
import { LANES } from './lanes.ts'
import { Run } from './run.ts'
import { assertAllAccountedFor, assertEndsClean, assertReplays } from './run-checks.ts'

const servers = chosenServers()
const flows = chosenFlows()
/** A daemon of its own for each server is in scenarios.e2e.ts and gaps.e2e.ts. */
const daemonOfMany = new DaemonOfMany()

describe('real calls, of which one daemon follows those of all servers', {
  concurrency: servers.length,
  skip: flows.length === 0,
}, () => {
  for (const entry of servers) {
    describe(entry.name, { concurrency: 1 }, () => {
      let run: Run
      before(async () => {
        run = await Run.open(entry, 'calls', { daemonOfMany })
      })
      after(() => run?.close())

      describe(`flows on ${entry.name}`, { concurrency: LANES }, () => {
        for (const flow of flows) {
          const skip = exceptionOn(entry, flow) ?? false
          test(`${flow.name}: ${flow.title}`, { skip }, () => run.play(flow))
        }
      })

      test(`every line in the queue_log of ${entry.name} is expected, and the dump replays to ours`, async () => {
        await assertReplays(run, assertAllAccountedFor(run))
      })
      test(`after all calls of ${entry.name} nothing is open, and the daemon has nothing to complain of`, () =>
        assertEndsClean(run))
    })
  }
})
