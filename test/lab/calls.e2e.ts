import { strict as assert } from 'node:assert'
import { after, before, describe, test } from 'node:test'
import { chosenFlows, chosenServers } from './choice.ts'
import { LANES } from './lanes.ts'
import { Run } from './run.ts'

const servers = chosenServers()

describe('calls on real servers', { concurrency: servers.length }, () => {
  for (const entry of servers) {
    describe(entry.name, { concurrency: LANES }, () => {
      let run: Run
      before(async () => {
        run = await Run.open(entry, 'calls')
      })
      after(() => run?.close())

      for (const flow of chosenFlows()) {
        test(`${flow.name}: ${flow.title}`, () => run.play(flow))
      }
    })
  }
})
assert.ok(servers.length > 0)
