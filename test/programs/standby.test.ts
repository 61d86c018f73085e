import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { amiEvent, FakeAsterisk } from '../support/fake-asterisk.ts'
import { LiveProgram } from '../support/live-program.ts'
import { root } from '../support/package.ts'
import { runPipe } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'

const it = sampledIt(4)

let server: FakeAsterisk
const keep = programsOfEachTest()
const file = folderOfEachTest('standby')

beforeEach(async () => {
  server = await FakeAsterisk.start()
  server.userEvents = 'seen'
  server.pbx.refuseLists()
})
afterEach(() => server.stop())

function start(...options: string[]): LiveProgram {
  return keep(LiveProgram.start(server, ['ami-track', ...options]))
}

/** One that writes, and one that stands by. */
async function startTwo(...options: string[]): Promise<[LiveProgram, LiveProgram]> {
  const first = start()
  await first.untilLog(WRITES)
  const second = start(...options)
  await second.untilLog(/this one is on standby/)
  return [first, second]
}

/** The second writes the end of a hold of which the first, which is killed, has written the beginning. */
async function assertGoesOn(first: LiveProgram, second: LiveProgram): Promise<void> {
  sendConnected()
  send('Hold', agent)
  await server.until(() => server.queueLog.length === 1)
  first.signal('SIGKILL')
  await second.untilLog(/ami-track on .+ gives no sign of life any more: this one writes now/)
  send('Unhold', agent)
  await server.until(() => server.queueLog.length === 2)
  assert.deepEqual(server.queueLog, [onHold, offHold])
}

const WRITES = /no other ami-track writes the queue_log of this PBX: this one writes it/
type Channel = { Channel: string; Uniqueid: string }

/** A call of queue support, or of another one, that Jane has taken; each queue has a call of its own. */
function sendConnected(n = 0): void {
  const [caller, agent] = channels(n)
  const dest = { DestChannel: agent.Channel, DestUniqueid: agent.Uniqueid }
  const bridge = { BridgeUniqueid: `b-${n}`, BridgeType: 'basic', BridgeTechnology: 'simple_bridge' }
  send('AgentConnect', { ...caller, ...dest, Queue: n === 0 ? 'support' : `q${n}`, MemberName: 'Jane' })
  send('BridgeEnter', { ...bridge, ...agent })
  send('BridgeEnter', { ...bridge, ...caller })
}

function channels(n: number): [caller: Channel, agent: Channel] {
  const uniqueid = (m: number): string => `1800000000.${2 * n + m}`
  return [
    { Channel: `PJSIP/trunk-${uniqueid(1)}`, Uniqueid: uniqueid(1) },
    { Channel: `PJSIP/1001-${uniqueid(2)}`, Uniqueid: uniqueid(2) },
  ]
}

function send(event: string, headers: Record<string, string>): void {
  server.send(amiEvent(event, headers, server.clock()))
}

const [, agent] = channels(0)
const onHold = '1800000000.1|support|Jane|CALLERONHOLD|'
const offHold = '1800000000.1|support|Jane|CALLEROFFHOLD|'

describe('a second ami-track on the same Asterisk', () => {
  it('stands by and says which one writes, and every line is written once', async () => {
    const [first, second] = await startTwo()
    const { msg } = await second.untilLog(/this one is on standby/)
    assert.match(msg, new RegExp(`on .+, process ${first.pid}, writes .*: this one is on standby`))
    sendConnected()
    send('Hold', agent)
    send('Unhold', agent)
    await server.until(() => server.queueLog.length === 2)
    await second.untilStatus(/, standby: ami-track on .+ writes$/)
    assert.equal(await second.stop(), 0)
    assert.equal(await first.stop(), 0)
    assert.deepEqual(server.queueLog, [onHold, offHold])
  })

  it('goes on with the calls in progress when the first is killed', async () => {
    const [first, second] = await startTwo()
    await assertGoesOn(first, second)
  })

  it('goes on at once when the first is stopped', async () => {
    const [first, second] = await startTwo()
    sendConnected()
    send('Hold', agent)
    await server.until(() => server.queueLog.length === 1)
    assert.equal(await first.stop(), 0)
    const beats = server.sessions.flatMap((session) => session.sent('UserEvent'))
    assert.equal(beats.filter((beat) => beat.get('role') === 'leaving').length, 1)
    send('Unhold', agent)
    await server.until(() => server.queueLog.length === 2)
    await second.untilStatus(/, writes$/)
    assert.deepEqual(server.queueLog, [onHold, offHold])
  })

  it('stays in the place of the first when that comes back', async () => {
    const [first, second] = await startTwo()
    first.signal('SIGKILL')
    await second.untilLog(/this one writes now/)
    const third = start()
    await third.untilLog(/this one is on standby/)
    sendConnected()
    send('Hold', agent)
    await server.until(() => server.queueLog.length === 1)
    await third.untilStatus(/standby: /)
    assert.deepEqual(server.queueLog, [onHold])
  })

  it('ends with --standby 0, and says why', async () => {
    const first = start()
    await first.untilLog(WRITES)
    const second = start('--standby', '0')
    assert.equal(await second.ended, 1)
    const { level, msg } = second.log.at(-1) ?? {}
    assert.equal(level, 'error')
    assert.match(
      msg ?? '',
      /^another ami-track, on .+, already writes the queue_log of this PBX, and --standby is 0\. Stop that one, or use --standby 1$/,
    )
  })

  it('loses the lines of a moment and writes none twice when the first is killed in the midst of calls', async () => {
    const [first, second] = await startTwo()
    const isHeld = (n: number): boolean => server.queueLog.some((line) => line.includes(`|q${n}|Jane|CALLERONHOLD`))
    const heldAt: number[] = []
    let killedAt = 0
    for (let isOver = false; !isOver; await sleep(25)) {
      const n = heldAt.push(Date.now())
      sendConnected(n)
      send('Hold', channels(n)[1])
      if (n === 60) {
        killedAt = Date.now()
        first.signal('SIGKILL')
      }
      isOver = server.queueLog.length > 60 && second.log.some(({ msg }) => /this one writes now/.test(msg))
    }
    await server.until(() => isHeld(heldAt.length))
    assert.equal(new Set(server.queueLog).size, server.queueLog.length)
    const lost = heldAt.filter((_, n) => !isHeld(n + 1))
    assert.ok(
      lost.every((at) => at > killedAt - 1000 && at < killedAt + 3000),
      `${lost.map((at) => at - killedAt)}`,
    )
  })

  it('does not write again what the first writes when it goes on after it hung', async () => {
    const [first, second] = await startTwo()
    sendConnected()
    first.signal('SIGSTOP')
    send('Hold', agent)
    await second.untilLog(/this one writes now/)
    send('Unhold', agent)
    await server.until(() => server.queueLog.length === 1)
    first.signal('SIGCONT')
    await first.untilLog(/another ami-track, on .*, writes .*: this one is on standby/)
    // The first had 1.2 s for the hold, in which it hung: it is its own still.
    await server.until(() => server.queueLog.length === 2)
    assert.deepEqual(server.queueLog, [offHold, onHold])
  })

  it('leaves the lines of a lost connection to the one that wrote before, if that is back', async () => {
    server.pbx.permitLists()
    const [first, second] = await startTwo()
    sendConnected()
    send('Hold', agent)
    await server.until(() => server.queueLog.length === 1)
    server.pbx.channels = channels(0).map(({ Channel: name, Uniqueid: uniqueid }) => ({
      name,
      uniqueid,
      bridge: 'b-0',
    }))
    for (const session of server.loggedIn) session.reset()
    await server.until(() => server.sessions.length === 4 && server.loggedIn.length === 2)
    // The server lists nobody on hold.
    await server.until(() => server.queueLog.length === 2)
    assert.deepEqual(server.queueLog, [onHold, offHold])
    await second.untilStatus(/standby: ami-track on .+ writes$/)
    assert.equal(await second.stop(), 0)
    assert.equal(await first.stop(), 0)
    assert.equal(server.queueLog.length, 2)
  })

  it('writes no line twice when the first is stopped after the clock of the server was set back', async () => {
    const [first, second] = await startTwo()
    sendConnected()
    send('Hold', agent)
    await server.until(() => server.queueLog.length === 1)
    server.clock = () => Date.now() - 600_000
    send('Unhold', agent)
    send('Hold', agent)
    await server.until(() => server.queueLog.length === 3)
    assert.equal(await first.stop(), 0)
    await second.untilLog(/has stopped: this one writes now/)
    send('Unhold', agent)
    await server.until(() => server.queueLog.length === 4)
    assert.deepEqual(server.queueLog, [onHold, offHold, onHold, offHold])
  })

  it('that loses its connection finds out who writes', async () => {
    const [, second] = await startTwo()
    const sessions = server.loggedIn
    sendConnected()
    sessions[0]?.reset()
    await second.untilLog(/this one writes now/)
    await server.until(() => server.sessions.length === 3 && server.loggedIn.length === 2)
    send('Hold', agent)
    await server.until(() => server.queueLog.length === 1)
    sessions[1]?.reset()
    await server.until(() => server.sessions.length === 4 && server.loggedIn.length === 2)
    assert.deepEqual(server.queueLog, [onHold])
  })
})

describe('an ami-track that is alone and has no line to write', () => {
  it('gives a sign of life rarely, but who comes finds it, and its lines do not wait', async () => {
    const first = start()
    await first.untilLog(WRITES)
    const session = await server.session()
    // A Ping comes every 5 s; a beat would come every 0.4 s.
    await session.settled(4000)
    const doctor = ['env', 'AMISECRET=tr4ck', join(root, 'bin/ami-track'), 'doctor', '--login', 'tracker']
    const { stdout } = await runPipe([[...doctor, '--write', '0', '--port', String(server.port)]])
    assert.match(stdout, new RegExp(`an ami-track on .+, process ${first.pid} writes the queue_log`))
    server.queueLog.length = 0
    const second = start()
    await second.untilLog(/this one is on standby/)
    await assertGoesOn(first, second)
  })
})

describe('an ami-track that others cannot see', () => {
  it('stands by while it sees one that writes, and goes on when that ends', async () => {
    server.userEventsOf = (session) => (session === server.sessions[0] ? 'seen' : 'refused')
    const [first, second] = await startTwo()
    await assertGoesOn(first, second)
  })
})

describe('an ami-track that cannot see others', () => {
  it('writes at once where its user may not send user events, and says what to change', async () => {
    server.userEvents = 'refused'
    const program = start()
    const { level, msg } = await program.untilLog(/UserEvent/)
    assert.equal(level, 'warn')
    assert.match(msg, /Permission denied.*add user to the lines read = … and write = … of \[tracker\] in manager\.conf/)
    sendConnected()
    send('Hold', agent)
    await server.until(() => server.queueLog.length === 1)
    server.loggedIn[0]?.reset()
    await server.until(() => server.sessions.length === 2)
    await server.session()
    send('Unhold', agent)
    await server.until(() => server.queueLog.length === 2)
    const warnings = program.log.filter((line) => line.level === 'warn' && /UserEvent|sign of life/.test(line.msg))
    assert.equal(warnings.length, 1)
  })

  it('writes where its user may not read them, and says what to change', async () => {
    server.userEvents = 'unseen'
    const program = start()
    const { msg } = await program.untilLog(/does not send the sign of life of ami-track back/)
    assert.match(msg, /add user to the line read = … of \[tracker\] in manager\.conf/)
    sendConnected()
    send('Hold', agent)
    await server.until(() => server.queueLog.length === 1)
  })
})

describe('user events of the dialplan', () => {
  it('are no signs of life, whatever a caller calls himself', async () => {
    const program = start('--standby', '0')
    await program.untilLog(WRITES)
    const channel = { Channel: 'PJSIP/1001-00000001', Uniqueid: '1800000000.1' }
    const beat = 'UserEvent: AmiTrack\r\nTracker: z\r\nRole: active\r\nNumber: 1\r\nPlace: there'
    send('UserEvent', { ...channel, UserEvent: `Call\r\nName: bob\r\n${beat}` })
    send('UserEvent', { ...channel, UserEvent: beat.slice('UserEvent: '.length) })
    sendConnected()
    send('Hold', agent)
    await server.until(() => server.queueLog.length === 1)
    assert.equal(await program.stop(), 0)
  })

  it('do not get into the debug file', async () => {
    const program = start('--debugfile', file('debug'))
    await program.untilLog(WRITES)
    send('UserEvent', { UserEvent: 'Payment', Card: '4111' })
    sendConnected()
    send('Hold', agent)
    await server.until(() => server.queueLog.length === 1)
    assert.equal(await program.stop(), 0)
    const debug = readFileSync(file('debug'), 'utf8')
    assert.match(debug, /Event: Hold/)
    assert.doesNotMatch(debug, /UserEvent|Event Sent/)
  })
})
