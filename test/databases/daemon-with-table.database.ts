import { strict as assert } from 'node:assert'
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { type Action, amiEvent, FakeAsterisk } from '../support/fake-asterisk.ts'
import { LiveProgram } from '../support/live-program.ts'
import { runPipe } from '../support/programs.ts'
import { DATABASE_KINDS, DatabaseServer, NAMES, READER } from './database-server.ts'
import { ownLines, RealtimeTable } from './realtime-table.ts'

const T0 = 1_800_000_000
const caller = { Channel: 'PJSIP/trunk-00000001', Uniqueid: `${T0}.1` }
const agent = { Channel: 'PJSIP/1001-00000002', Uniqueid: `${T0}.2` }
const KOLKATA_S = 5.5 * 3600

/** A call of queue support that Jane has taken. */
function connected(): Buffer {
  const dest = { DestChannel: agent.Channel, DestUniqueid: agent.Uniqueid }
  const bridge = { BridgeUniqueid: 'b-1', BridgeType: 'basic', BridgeTechnology: 'simple_bridge' }
  return Buffer.concat([
    amiEvent('AgentConnect', { ...caller, ...dest, Queue: 'support', MemberName: 'Jane' }, T0 * 1000),
    amiEvent('BridgeEnter', { ...bridge, ...agent }, T0 * 1000),
    amiEvent('BridgeEnter', { ...bridge, ...caller }, T0 * 1000),
  ])
}

/** What becomes of a line that was sent to Asterisk, and of who sent it. */
const FATES = [
  'answered',
  'written, killed',
  'lost, killed',
  'written, killed',
  'written, cut off',
  'lost, cut off',
  'lost, killed',
  'answered',
] as const

for (const kind of DATABASE_KINDS) {
  describe(`a daemon whose queue_log is a table in ${NAMES[kind]}`, () => {
    let database: DatabaseServer
    let server: FakeAsterisk
    let table: RealtimeTable
    const keep = programsOfEachTest()
    const file = folderOfEachTest('table')
    before(async () => {
      database = await DatabaseServer.start(kind)
    })
    after(() => database.stop())
    beforeEach(async () => {
      server = await FakeAsterisk.start()
      server.pbx.refuseLists()
      table = await RealtimeTable.make(database, { aheadS: KOLKATA_S })
      await table.write(ownLines(T0 - 500, 50))
    })
    afterEach(() => server.stop())

    const tail = (): string[] => ['--queuelog-tail', database.address()]
    function start(
      env: Record<string, string> = { QUEUELOGTAILSECRET: READER.password },
      ...more: string[]
    ): LiveProgram {
      return keep(LiveProgram.start(server, ['ami-track', '--state', file('state'), ...tail(), ...more], env))
    }
    async function killed(program: LiveProgram): Promise<void> {
      program.signal('SIGKILL')
      await program.ended
      await server.until(() => server.loggedIn.length === 0)
    }

    it('writes each line once, whatever becomes of it between Asterisk and the answer', async () => {
      let arrived: Action[] = []
      let isAnswered = false
      let now = T0
      const stored: Promise<void>[] = []
      // Whatever is sent twice is there twice.
      server.answerQueueLog = (action) => {
        arrived.push(action)
        if (!isAnswered) return undefined
        stored.push(table.store(action, now))
        return { Response: 'Success' }
      }
      let program = start()
      await server.session()
      server.send(connected())
      for (const [n, fate] of FATES.entries()) {
        const time = T0 + 10 * (n + 1)
        now = time + 0.2
        const verb = n % 2 === 0 ? 'Hold' : 'Unhold'
        arrived = []
        isAnswered = fate === 'answered'
        server.send(amiEvent(verb, agent, time * 1000))
        await server.until(() => arrived.length > 0)
        assert.equal(arrived[0]?.get('event'), n % 2 === 0 ? 'CALLERONHOLD' : 'CALLEROFFHOLD', `${n}: ${fate}`)
        const [line] = arrived
        if (fate.startsWith('written') && line !== undefined) await table.store(line, now)
        await Promise.all(stored)
        if (fate === 'answered') continue
        now = time + 3
        arrived = []
        isAnswered = true
        if (fate.endsWith('killed')) {
          await killed(program)
          program = start()
        } else server.loggedIn[0]?.reset()
        await server.until(() => server.loggedIn.length === 0)
        await server.session()
        if (fate.startsWith('lost')) await server.until(() => arrived.length > 0)
        await Promise.all(stored)
      }
      assert.equal(await program.stop(), 0)
      await Promise.all(stored)
      const lines = await table.eventsOf(caller.Uniqueid)
      assert.deepEqual(
        lines,
        FATES.map((_, n) => (n % 2 === 0 ? 'CALLERONHOLD' : 'CALLEROFFHOLD')),
      )
    })

    it('says at its start why the table cannot be read, and gives up what it cannot look up', async () => {
      const program = start({ QUEUELOGTAILSECRET: 'wr0ng-p4ssword' })
      await program.untilLog(
        /^cannot read the queue_log (mysql|postgres):\/\/reader@.*: the database refuses the user reader/,
      )
      await server.session()
      server.answerQueueLog = () => undefined
      server.send(Buffer.concat([connected(), amiEvent('Hold', agent, (T0 + 1) * 1000)]))
      await server.until(() => server.loggedIn[0]?.sent('QueueLog').length === 1)
      await killed(program)
      const restarted = start({ QUEUELOGTAILSECRET: 'wr0ng-p4ssword' })
      await restarted.untilLog(/^cannot search the queue_log .*: the database refuses/)
      await restarted.untilLog(/unknown whether Asterisk wrote .* does not write it again: 1800000001\|/)
      assert.doesNotMatch(program.stderr + restarted.stderr, /wr0ng/)
    })

    it('ends when it is told to, while the database hangs', async () => {
      const program = start()
      const session = await server.session()
      server.answerQueueLog = () => undefined
      server.send(Buffer.concat([connected(), amiEvent('Hold', agent, (T0 + 1) * 1000)]))
      await server.until(() => session.sent('QueueLog').length === 1)
      database.freeze()
      try {
        session.reset()
        await server.until(() => server.loggedIn.length === 0)
        await server.session()
        // The line is in doubt still: the state has it.
        assert.equal(await program.stop(), 0)
        assert.doesNotMatch(program.stderr, /lost before Asterisk answered, so it is unknown whether it wrote/)
      } finally {
        database.thaw()
      }
    })

    it('is told by validate and doctor what is wrong with the table, the password from a file', async () => {
      writeFileSync(file('password'), `${READER.password}\n`, { mode: 0o600 })
      const settings = (...lines: string[]): void => {
        const all = ['AMIUSER=tracker', 'AMISECRET=tr4ck', 'AMIHOST=127.0.0.1', `AMIPORT=${server.port}`, ...lines]
        writeFileSync(file('settings'), `${all.join('\n')}\n`)
      }
      const user = spawnSync('id', ['-un'], { encoding: 'utf8' }).stdout.trim()
      const validate = [
        'ami-track',
        'validate',
        '--settings',
        file('settings'),
        ...(user === 'root' ? ['--user', user] : []),
      ]
      settings(`QUEUELOGTAIL=${database.address()}`, `QUEUELOGTAILSECRETFILE=${file('password')}`)
      assert.match((await runPipe([validate])).stdout, /can use everything that it names/)
      settings(`QUEUELOGTAIL=${database.address()}`, 'QUEUELOGTAILSECRET=wr0ng-p4ssword')
      const refused = await runPipe([validate])
      assert.match(
        refused.stdout,
        /^line 5 of .*: QUEUELOGTAIL: cannot read the queue_log .*: the database refuses the user reader/,
      )
      assert.deepEqual(refused.codes, [1])
      assert.doesNotMatch(refused.stdout + refused.stderr, /wr0ng/)

      const doctor = ['ami-track', 'doctor', '--settings', file('settings')]
      settings(`QUEUELOGTAIL=${database.address()}`, `QUEUELOGTAILSECRET=${READER.password}`)
      server.answerQueueLog = (action) => {
        if (!action.has('event')) return { Response: 'Error', Message: 'Need Queue or Event' }
        void table.store(action, server.clock() / 1000)
        return { Response: 'Success' }
      }
      assert.match(
        (await runPipe([doctor])).stdout,
        /^ok {6}queue_log: the test line that doctor sent to Asterisk is in (mysql|postgres):\/\//m,
      )
      server.answerQueueLog = () => ({ Response: 'Success' })
      const lost = await runPipe([doctor])
      assert.match(
        lost.stdout,
        /^wrong {3}queue_log: Asterisk accepted the test line, but it did not appear in (mysql|postgres):\/\//m,
      )
      assert.doesNotMatch(lost.stdout + lost.stderr, new RegExp(READER.password))
    })
  })
}
