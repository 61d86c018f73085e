import { strict as assert } from 'node:assert'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { programsOfEachTest } from '../support/each-test.ts'
import { amiEvent, FakeAsterisk } from '../support/fake-asterisk.ts'
import { LiveProgram } from '../support/live-program.ts'

let server: FakeAsterisk
const keep = programsOfEachTest()

beforeEach(async () => {
  server = await FakeAsterisk.start()
})
afterEach(() => server.stop())

const T0 = 1_800_000_000_000
const ENDED = { TalkTime: '2', Reason: 'caller' }

/** A call of a queue of its own, which Jane takes. */
function call(n: number) {
  const caller = { Channel: `PJSIP/trunk-${n}`, Uniqueid: `1800000000.${2 * n}` }
  const agent = { Channel: `PJSIP/1001-${n}`, Uniqueid: `1800000000.${2 * n + 1}` }
  const ofQueue = { Queue: `q${n}`, MemberName: 'Jane', DestChannel: agent.Channel, DestUniqueid: agent.Uniqueid }
  const bridge = { BridgeUniqueid: `b-${n}`, BridgeType: 'basic', BridgeTechnology: 'simple_bridge' }
  return {
    connect: Buffer.concat([
      amiEvent('AgentConnect', { ...caller, ...ofQueue }, T0),
      amiEvent('BridgeEnter', { ...bridge, ...agent }, T0),
      amiEvent('BridgeEnter', { ...bridge, ...caller }, T0),
    ]),
    hold: amiEvent('Hold', agent, T0 + 1000),
    /** @param ms after the call was connected */
    holdAfter: (ms: number) => amiEvent('Hold', agent, T0 + ms),
    complete: amiEvent('AgentComplete', { ...caller, ...ofQueue, ...ENDED }, T0 + 2000),
    completeAfter: (ms: number) => amiEvent('AgentComplete', { ...caller, ...ofQueue, ...ENDED }, T0 + ms),
    onHold: `${caller.Uniqueid}|q${n}|Jane|CALLERONHOLD|`,
  }
}

describe('a hold that waits while its queue call ends', () => {
  it('is not written behind the end, where a daemon asks at its start whether another one writes', async () => {
    server.userEvents = 'seen'
    server.pbx.refuseLists()
    const program = keep(LiveProgram.start(server, ['ami-track']))
    await server.session()
    const [over, open] = [call(1), call(2)]
    server.send(Buffer.concat([over.connect, open.connect, over.hold, open.hold, over.complete]))
    await program.untilLog(/this one writes it$/)
    await server.until(() => server.queueLog.length === 1)
    assert.deepEqual(server.queueLog, [open.onHold])
    assert.equal(await program.stop(), 0)
    assert.deepEqual(server.queueLog, [open.onHold])
  })

  it('is not written behind the end, where the daemon stood still until both had come', async () => {
    const program = keep(LiveProgram.start(server, ['ami-track']))
    await server.session()
    const [before, over, open] = [call(1), call(2), call(3)]
    server.send(Buffer.concat([before.connect, over.connect, open.connect, before.holdAfter(1)]))
    await server.until(() => server.queueLog.length === 1)
    program.signal('SIGSTOP')
    server.send(Buffer.concat([over.holdAfter(2), open.holdAfter(3)]))
    server.send(over.completeAfter(4))
    await new Promise((behind) => setTimeout(behind, 500))
    program.signal('SIGCONT')
    await server.until(() => server.queueLog.length > 1)
    assert.equal(await program.stop(), 0)
    assert.deepEqual(server.queueLog, [before.onHold, open.onHold])
  })

  it('is not written behind the end, where the connection was lost and the call is over when it is back', async () => {
    const program = keep(LiveProgram.start(server, ['ami-track']))
    const session = await server.session()
    const [sent, waiting, next] = [call(1), call(2), call(3)]
    server.send(Buffer.concat([sent.connect, waiting.connect]))
    server.answerQueueLog = () => undefined
    server.send(sent.hold)
    await server.until(() => session.sent('QueueLog').length === 1)
    await new Promise((overdue) => setTimeout(overdue, 1100))
    server.send(waiting.hold)
    await program.untilStatus(/ 1 lines to write/)
    server.answerQueueLog = () => ({ Response: 'Success' })
    session.reset()
    await server.until(() => server.loggedIn.some((one) => one !== session && one.sent('CoreSettings').length > 0))
    server.send(Buffer.concat([next.connect, next.hold]))
    await server.until(() => server.queueLog.length > 0)
    assert.equal(await program.stop(), 0)
    assert.deepEqual(server.queueLog, [next.onHold])
  })
})
