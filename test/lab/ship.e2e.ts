import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { DatabaseServer, SHIPPER } from '../databases/database-server.ts'
import { NatsServers } from '../ship/nats-server.ts'
import { outcomeOf, percentiles, startShip, until } from '../ship/shipping.ts'
import { makeTable, replicaOf } from '../ship/tables.ts'
import type { AmiHeaders } from './ami-client.ts'
import { chosenForAll } from './choice.ts'
import type { Flow } from './flow.ts'
import { supportCall } from './flows/beginnings.ts'
import { LANES } from './lanes.ts'
import { seconds } from './patience.ts'
import { Run } from './run.ts'
import type { ServerEntry } from './servers.ts'

/** The newest of the servers that were chosen: what ships a line does not ask who wrote it. */
const entry = chosenForAll().at(-1)
const HOLDS = 12
const TABLE = 'queue_log_of_all'

const heldOften: Flow = {
  name: 'queue_held_often',
  title: 'the agent holds again and again',
  play: async (stage) => {
    const { call } = await supportCall(stage)
    for (let n = 0; n < HOLDS; n++) {
      await call.holdFor(0.3)
      await seconds(0.3)
    }
    await call.hangUp()
  },
  lines: `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    ${'+ {caller}|support|{agent}|CALLERONHOLD|\n    + {caller}|support|{agent}|CALLEROFFHOLD|\n    '.repeat(HOLDS)}
    {caller}|support|{agent}|COMPLETEAGENT|#wait|#|1
    `,
}

/** The events of which a line tells, and its verb. */
const TOLD: Readonly<Record<string, RegExp>> = {
  QueueCallerJoin: /^ENTERQUEUE$/,
  AgentConnect: /^CONNECT$/,
  Hold: /^CALLERONHOLD$/,
  Unhold: /^CALLEROFFHOLD$/,
  AgentComplete: /^COMPLETE/,
}
const OURS = ['Hold', 'Unhold']

describe('a queue_log that is shipped through a cluster of JetStream into PostgreSQL', {
  skip: entry === undefined || (process.env.FLOW ?? '') !== '',
}, () => {
  test(`each line of calls on ${entry?.name} is a row, once and in order`, async (t) => {
    assert.ok(entry)
    for (const figure of await shippedCalls(entry)) t.diagnostic(figure)
  })
})

/** @returns how long a line takes from the event to its row */
async function shippedCalls(server: ServerEntry): Promise<string[]> {
  const [database, nats, run] = await Promise.all([
    DatabaseServer.start('postgres'),
    NatsServers.start(3),
    Run.open(server, 'ship'),
  ])
  const stream = nats.address()
  const queueLog = run.server.queueLogFile
  const to = database.address(TABLE, { user: SHIPPER.name })
  await makeTable(database, 'plain', TABLE)
  await database.run(`ALTER TABLE ${TABLE} ADD stored_at TIMESTAMPTZ DEFAULT clock_timestamp()`)
  const shippers = [
    startShip(['--from', queueLog, '--pbx', 'lab', '--to', stream, '--replicas', '3']),
    startShip(['--from', stream, '--to', to, '--dialect', 'plain'], { TOSECRET: SHIPPER.password }),
  ]
  const outcomes = shippers.map((shipper) => outcomeOf(shipper))
  const events: AmiHeaders[] = []
  run.ami.on('message', (message) => {
    if (TOLD[message.get('event') ?? ''] !== undefined) events.push(message)
  })
  try {
    const lines = (): string[] => readFileSync(queueLog, 'utf8').trimEnd().split('\n')
    const rows = (): Promise<string[]> => replicaOf(database, 'plain', TABLE)
    await until(async () => (await rows()).length === lines().length)
    await run.playAll(Array.from({ length: LANES - 1 }, () => heldOften))
    await until(async () => (await rows()).length >= lines().length)
    for (const shipper of shippers) shipper.kill('SIGTERM')
    for (const { code, stderr } of await Promise.all(outcomes)) assert.equal(code, 0, stderr)
    assert.deepEqual(await rows(), lines(), 'the table is a replica of the file')
    const stored = await database.run(
      `SELECT callid, event, extract(epoch FROM stored_at) * 1000 FROM ${TABLE} ORDER BY id`,
    )
    return [OURS, Object.keys(TOLD).filter((name) => !OURS.includes(name))].map((names, n) => {
      const took = names.flatMap((name) => delaysOf(name, events, stored))
      return `${n === 0 ? 'a line of ami-track' : 'a line of Asterisk'} is a row ${percentiles(took)} after its event (${took.length} lines)`
    })
  } finally {
    for (const shipper of shippers) shipper.kill('SIGKILL')
    await run.close()
    await nats.stop()
    await database.stop()
  }
}

/** How long after each event of a name its row was inserted: ms, by the clock of this machine. */
function delaysOf(name: string, events: readonly AmiHeaders[], stored: readonly unknown[][]): number[] {
  const ofCall = new Map<string, number[]>()
  for (const [callid, verb, at] of stored) {
    if (TOLD[name]?.test(String(verb))) ofCall.set(String(callid), [...(ofCall.get(String(callid)) ?? []), Number(at)])
  }
  return (
    events
      // An AgentComplete may name no channel: the caller's is gone by then.
      .filter((event) => event.get('event') === name && event.has('linkedid'))
      .map((event) => {
        const at = ofCall.get(event.get('linkedid') ?? '')?.shift()
        assert.ok(at, `a row of ${name} of call ${event.get('linkedid')}`)
        return at - Number(event.get('timestamp')) * 1000
      })
  )
}
