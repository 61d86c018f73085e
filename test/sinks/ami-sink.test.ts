import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { FileTail } from '../../lib/queue-log/file-tail.ts'
import { AllCallsEnded, CallsKnown, QueueCallEnd } from '../../lib/queue-log/queue-call-marks.ts'
import { type QueueLogFields, QueueLogRecord } from '../../lib/queue-log/record.ts'
import { AmiSink, type AmiSinkOptions } from '../../lib/sinks/ami-sink.ts'
import { objectStage } from '../../lib/streams/object-stage.ts'
import { ErrorLog } from '../../lib/text/log.ts'
import { until } from '../lab/patience.ts'
import { type Action, amiEvent, amiMessage, FakeAsterisk } from '../support/fake-asterisk.ts'
import { LiveConnection, settingsFor } from '../support/live.ts'
import { isEvery } from '../support/sample.ts'

function fileTail(path: string): FileTail {
  return new FileTail(path, { isStampedByAsterisk: true })
}

let server: FakeAsterisk
let live: LiveConnection

afterEach(async () => {
  await live.close()
  await server.stop()
})

async function start(
  more: Partial<AmiSinkOptions> = {},
  settings: Parameters<typeof settingsFor>[1] = {},
): Promise<AmiSink> {
  server = await FakeAsterisk.start()
  live = new LiveConnection(settingsFor(server, settings))
  const sink = new AmiSink(live.connection, {
    login: 'tracker',
    log: live.log,
    errors: new ErrorLog(live.log),
    ...more,
  })
  await server.session()
  return sink
}

function line(fields: Partial<QueueLogFields>): QueueLogRecord {
  const { callid = '1.2', queuename = 'support', agent = 'PJSIP/1001', event = 'CALLERONHOLD', data = [] } = fields
  return new QueueLogRecord({ time: 5, callid, queuename, agent, event, data })
}

const numbered = (n: number): QueueLogRecord => line({ callid: `1.${n}`, data: [String(n)] })
const written = (n: number): string => `1.${n}|support|PJSIP/1001|CALLERONHOLD|${n}`
/** Those of an outbound call: a hold of a queue's call is dropped when the server shuts down. */
const outbound = (n: number): QueueLogRecord => line({ callid: `:1.${n}`, queuename: 'q-out', data: [String(n)] })
const writtenOutbound = (n: number): string => `:1.${n}|q-out|PJSIP/1001|CALLERONHOLD|${n}`
const upTo = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

/** So much later a hold has waited: what happened meanwhile is asked for before it goes out. */
const waited = (): Promise<unknown> => new Promise((later) => setTimeout(later, 40))

function pong(ping: Action | undefined): Buffer {
  return amiMessage([
    ['Response', 'Success'],
    ['ActionID', ping?.get('actionid') ?? ''],
    ['Ping', 'Pong'],
  ])
}

/** What a server answers that will take lines in a moment, or the one after it: 16.28 on a machine that boots. */
const BUSY_SERVERS = {
  'shuts down': 'Asterisk is shutting down',
  'has not loaded app_queue yet':
    'Invalid/unknown command: QueueLog. Use Action: ListCommands to show available commands.',
}

describe('lines that are written through Asterisk', () => {
  it('are QueueLog actions with their columns, an Interface always among them', async () => {
    const sink = await start()
    sink.write([line({}), line({ event: 'ENTERQUEUE', agent: 'NONE', data: ['', '701-5551000', '1'] })])
    await server.until(() => server.queueLog.length === 2)
    assert.deepEqual(server.queueLog, [
      '1.2|support|PJSIP/1001|CALLERONHOLD|',
      '1.2|support|NONE|ENTERQUEUE||701-5551000|1',
    ])
  })

  it('cannot forge a column, a header or an action, whatever the names are', async () => {
    const sink = await start()
    const evil = 'x|y\r\nAction: Originate\r\n\r\n\0'
    sink.write([line({ callid: evil, queuename: evil, agent: evil, data: [evil, 'z'] })])
    await server.until(() => server.queueLog.length === 1)
    const harmless = 'x_y__Action: Originate_____'
    assert.deepEqual(server.queueLog, [`${harmless}|${harmless}|${harmless}|CALLERONHOLD|${harmless}|z`])
  })

  it('hold nothing by which Asterisk would take the columns of a realtime table apart otherwise', async () => {
    const sink = await start()
    const name = 'a"b\\c(d)e)f[g]h[i(j\x1b\x85\u2028'
    sink.write([line({ agent: name, data: [name, '(', ')', '(z)'] })])
    await server.until(() => server.queueLog.length === 1)
    const written = 'a_b_c(d)e_f[g]h_i_j___'
    assert.deepEqual(server.queueLog, [`1.2|support|${written}|CALLERONHOLD|${written}|_|_|(z)`])
  })

  it('have no bracket whose partner was cut off', async () => {
    const sink = await start()
    sink.write([line({ data: [`(${'x'.repeat(2000)})`, 'z'] })])
    await server.until(() => server.queueLog.length === 1)
    assert.match(server.queueLog[0] ?? '', /\|_x+\|z$/)
  })

  it('have NONE in the columns that are empty to Asterisk: it skips blanks at the beginning of a value', async () => {
    const sink = await start()
    sink.write([line({ callid: '', queuename: ' ', agent: '' }), line({ agent: ' Jane', data: [' 1', ' 2'] })])
    await server.until(() => server.queueLog.length === 2)
    assert.deepEqual(server.queueLog, ['NONE|NONE|NONE|CALLERONHOLD|', '1.2|support|Jane|CALLERONHOLD|1| 2'])
  })

  it('are cut where Asterisk would drop the whole line, at a whole character, and the log says so', async () => {
    const sink = await start()
    sink.write([line({ data: ['ä'.repeat(2000)] })])
    await server.until(() => server.queueLog.length === 1)
    assert.match(server.queueLog[0] ?? '', /\|ä{480,500}$/)
    await live.log.until(/error: a queue_log line is too long for Asterisk and was cut \(call 1\.2\)/)
  })

  it('are cut in what a caller chose, not in the numbers behind it', async () => {
    const sink = await start()
    sink.write([line({ event: 'ENTERQUEUE', data: ['', `701-${'9'.repeat(1200)}`, '1'] })])
    await server.until(() => server.queueLog.length === 1)
    assert.match(server.queueLog[0] ?? '', /\|ENTERQUEUE\|\|701-9{900,}\|1$/)
  })

  it('are not sent to a server that has not answered for a while: they might be lost', async () => {
    const sink = await start()
    server.answerQueueLog = () => undefined
    sink.write([numbered(1)])
    const [session] = server.loggedIn
    await server.until(() => session?.sent('QueueLog').length === 1)
    await new Promise((overdue) => setTimeout(overdue, 1100))
    sink.write([numbered(2)])
    await live.connection.request('Ping')
    assert.equal(session?.sent('QueueLog').length, 1)
    server.answerQueueLog = () => ({ Response: 'Success' })
    session?.reset()
    await server.until(() => server.queueLog.length === 1)
    assert.deepEqual(server.queueLog, [written(2)])
  })

  it('are written once there is room again, where so many waited that events were lost', {
    skip: !isEvery && 'with EVERY=1',
  }, async () => {
    server = await FakeAsterisk.start()
    live = new LiveConnection(settingsFor(server, { maxWaitingBytes: 1_000_000 }), { reads: false })
    const sink = new AmiSink(live.connection, { login: 'tracker', log: live.log, errors: new ErrorLog(live.log) })
    const lineOfEvent = objectStage<Buffer, QueueLogRecord[]>((chunk) => {
      return [...chunk.toString('latin1').matchAll(/Channel: n(\d+);/g)].map((match) => numbered(Number(match[1])))
    })
    live.connection.stream.pipe(lineOfEvent).pipe(sink)
    const session = await server.session()
    server.stall()
    for (let n = 0; n < 60_000; n++) session.send(amiEvent('Hold', { Channel: `n${n};` }))
    await live.log.until(/ami-track reads events too slowly/)
    server.resume()
    await live.log.until(/reading events again/)
    const again = await server.session()
    assert.equal(again.eventMask, 'system,call,agent')
    assert.equal(again.sent('Login')[0]?.get('events'), 'off')
    again.send(amiEvent('Hold', { Channel: 'n99999;' }))
    await server.until(() => server.queueLog.at(-1) === written(99_999))
  })

  it('go out in their order, many at a time', async () => {
    const sink = await start()
    server.stall()
    for (const n of upTo(1000)) sink.write([numbered(n)])
    await server.until(() => server.loggedIn[0]?.sent('QueueLog').length === 100)
    server.resume()
    await server.until(() => server.queueLog.length === 1000)
    assert.deepEqual(server.queueLog, upTo(1000).map(written))
  })

  it('wait for a connection that is lost, and are written when it is back', async () => {
    const sink = await start()
    await server.stop()
    await live.log.until(/lost the connection to Asterisk/)
    for (const n of upTo(500)) sink.write([numbered(n)])
    await server.restart()
    await server.until(() => server.queueLog.length === 500)
    assert.deepEqual(server.queueLog, upTo(500).map(written))
  })

  it('are not written twice where the answer was lost with the connection, and the log names them', async () => {
    const outcomes: string[] = []
    const sink = await start({ onSettled: ({ callid }, outcome) => outcomes.push(`${callid} ${outcome}`) })
    server.answerQueueLog = () => undefined
    sink.write([numbered(1)])
    const [session] = server.loggedIn
    await server.until(() => session?.sent('QueueLog').length === 1)
    server.answerQueueLog = () => ({ Response: 'Success' })
    session?.reset()
    await live.log.until(
      /warn: .* lost before Asterisk answered, so it is unknown whether it wrote 5\|1\.1\|support\|PJSIP\/1001\|CALLERONHOLD\|1$/,
    )
    sink.write([numbered(2)])
    await server.until(() => server.queueLog.length === 1)
    assert.deepEqual(server.queueLog, [written(2)])
    await new Promise((resolve) => sink.end(resolve))
    assert.deepEqual(outcomes, ['1.1 unanswered', '1.2 written'])
  })

  it('are given up where the answer never comes although the connection is up, and those behind them go out', async () => {
    const outcomes: string[] = []
    const options = {
      onSettled: ({ callid }: QueueLogRecord, outcome: string) => outcomes.push(`${callid} ${outcome}`),
    }
    const sink = await start(options, { pingIntervalMs: 10, deadPeerMs: 600 })
    const [session] = server.loggedIn
    const alive = setInterval(() => session?.send(amiEvent('Hold', { Channel: 'a' })), 50)
    server.swallowed.add('QueueLog')
    sink.write([numbered(1)])
    await live.log.until(/warn: Asterisk did not answer, so it is unknown whether it wrote 5\|1\.1\|/)
    server.swallowed.clear()
    sink.write([numbered(2)])
    await server.until(() => server.queueLog.length === 1)
    clearInterval(alive)
    assert.deepEqual(server.queueLog, [written(2)])
    await new Promise((resolve) => sink.end(resolve))
    assert.deepEqual(outcomes, ['1.1 unanswered', '1.2 written'])
    assert.deepEqual(server.loggedIn, [session])
  })

  describe('where the answer was lost and queue_log can be read', () => {
    let folder = ''
    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'ami-track-sink-'))
    })
    afterEach(() => rmSync(folder, { recursive: true }))

    /** Sends lines of which the answers are lost. */
    async function sendUnanswered(sink: AmiSink, records: QueueLogRecord[]): Promise<void> {
      const [session] = server.loggedIn
      const before = session?.sent('QueueLog').length ?? 0
      server.answerQueueLog = () => undefined
      sink.write(records)
      await server.until(() => session?.sent('QueueLog').length === before + records.length)
      server.answerQueueLog = () => ({ Response: 'Success' })
    }

    it('are written if they are not in it, before those that follow', async () => {
      const settled: string[] = []
      const tail = join(folder, 'queue_log')
      writeFileSync(tail, `5|${written(1)}\n6|${written(3)}\n`)
      const sink = await start({ tail: fileTail(tail), onSettled: ({ callid }) => settled.push(callid) })
      await sendUnanswered(sink, upTo(4).map(numbered))
      server.loggedIn[0]?.reset()
      sink.write([numbered(9)])
      await server.until(() => server.queueLog.length === 3)
      await new Promise((resolve) => sink.end(resolve))
      assert.deepEqual(server.queueLog, [written(0), written(2), written(9)])
      assert.deepEqual(settled.sort(), ['1.0', '1.1', '1.2', '1.3', '1.9'])
    })

    it('are not written again if they are in it, however much was written since', async () => {
      const tail = join(folder, 'queue_log')
      const others = `|${'9'.repeat(400)}.1|support|Joe|COMPLETECALLER|1|2|3\n`
      const since = Array.from({ length: 8000 }, (_, n) => 100 + n + others).join('')
      const sink = await start({ tail: fileTail(tail) })
      await sendUnanswered(sink, [numbered(1), numbered(2)])
      writeFileSync(tail, `6|${written(1)}\n${since}`)
      server.loggedIn[0]?.reset()
      sink.write([numbered(9)])
      await server.until(() => server.queueLog.length === 2)
      assert.deepEqual(server.queueLog, [written(2), written(9)])
    })

    it('are looked up also where the connection stays up and the answer never comes', async () => {
      const tail = join(folder, 'queue_log')
      writeFileSync(tail, `5|${written(1)}\n`)
      const settled: string[] = []
      const options = {
        tail: fileTail(tail),
        onSettled: ({ callid }: QueueLogRecord, outcome: string) => settled.push(`${callid} ${outcome}`),
      }
      const sink = await start(options, { pingIntervalMs: 10, deadPeerMs: 600 })
      const [session] = server.loggedIn
      const alive = setInterval(() => session?.send(amiEvent('Hold', { Channel: 'a' })), 50)
      await sendUnanswered(sink, [1, 2].map(numbered))
      await server.until(() => server.queueLog.length === 1)
      clearInterval(alive)
      await new Promise((resolve) => sink.end(resolve))
      assert.deepEqual(server.queueLog, [written(2)])
      assert.deepEqual(settled, ['1.1 written', '1.2 written'])
      assert.deepEqual(server.loggedIn, [session])
    })

    it('are not taken for others of the same words that were answered for', async () => {
      const tail = join(folder, 'queue_log')
      writeFileSync(tail, `5|${written(1)}\n`)
      const sink = await start({ tail: fileTail(tail) })
      sink.write([numbered(1)])
      await server.until(() => server.queueLog.length === 1)
      await live.connection.request('Ping')
      await sendUnanswered(sink, [numbered(1)])
      server.loggedIn[0]?.reset()
      await server.until(() => server.queueLog.length === 2)
      assert.deepEqual(server.queueLog, [written(1), written(1)])
    })

    it('are given up if it turns out that it cannot be read', async () => {
      const sink = await start({ tail: fileTail(join(folder, 'none')) })
      await sendUnanswered(sink, [numbered(1)])
      server.loggedIn[0]?.reset()
      await live.log.until(/warn: cannot read the queue_log .*none: ENOENT.*none/)
      await live.log.until(/warn: .* lost before Asterisk answered, so it is unknown whether it wrote 5\|1\.1\|/)
      sink.write([numbered(2)])
      await server.until(() => server.queueLog.length === 1)
      assert.deepEqual(server.queueLog, [written(2)])
    })
  })

  it('that are refused are told once, with the line of manager.conf that is missing, and hold nothing up', async () => {
    const outcomes: string[] = []
    const sink = await start({ onSettled: ({ callid }, outcome) => outcomes.push(`${callid} ${outcome}`) })
    server.answerQueueLog = () => ({ Response: 'Error', Message: 'Permission denied' })
    sink.write([numbered(1), numbered(2)])
    await server.until(() => server.loggedIn[0]?.sent('QueueLog').length === 2)
    await live.log.until(/error: .*Permission denied\. Add "agent" to the write line of \[tracker\] in manager\.conf/)
    assert.match(sink.problem ?? '', /^Asterisk refused the last queue_log line/)
    server.answerQueueLog = () => ({ Response: 'Success' })
    sink.write([numbered(3)])
    await server.until(() => server.queueLog.length === 1)
    assert.equal(live.log.lines.filter((text) => /refused a queue_log line/.test(text)).length, 1)
    await new Promise((resolve) => sink.end(resolve))
    assert.deepEqual(outcomes, ['1.1 refused', '1.2 refused', '1.3 written'])
    assert.equal(sink.problem, undefined)
  })

  for (const [what, Message] of Object.entries(BUSY_SERVERS))
    describe(`which a server does not take because it ${what}`, () => {
      const takesNone = () => ({ Response: 'Error', Message })

      it('go to the one that is started after it, in their order, each once', async () => {
        const outcomes: string[] = []
        const sink = await start({ onSettled: ({ callid }, outcome) => outcomes.push(`${callid} ${outcome}`) })
        server.answerQueueLog = takesNone
        sink.write([outbound(1), outbound(2)])
        await until(() => sink.unwritten.length === 2, 'both to be kept')
        assert.match(sink.problem ?? '', /starts or stops/)
        sink.write([outbound(3)])
        server.answerQueueLog = () => ({ Response: 'Success' })
        server.loggedIn[0]?.reset()
        await server.until(() => server.queueLog.length === 3)
        await new Promise((resolve) => sink.end(resolve))
        assert.deepEqual(server.queueLog, [writtenOutbound(1), writtenOutbound(2), writtenOutbound(3)])
        assert.deepEqual(outcomes, [':1.1 written', ':1.2 written', ':1.3 written'])
        assert.equal(sink.problem, undefined)
      })

      it('go to the same one if it takes lines again', async () => {
        const sink = await start()
        server.answerQueueLog = takesNone
        sink.write([outbound(1)])
        await until(() => sink.unwritten.length === 1, 'it to be kept')
        server.answerQueueLog = () => ({ Response: 'Success' })
        sink.write([outbound(2)])
        await server.until(() => server.queueLog.length === 2)
        assert.deepEqual(server.queueLog, [writtenOutbound(1), writtenOutbound(2)])
        assert.equal(server.loggedIn.length, 1)
        assert.equal(
          live.log.lines.some((text) => text.includes('refused')),
          false,
        )
      })
    })

  it('are written when it is back where a server that shuts down took none before them, and did not answer for them any more', async () => {
    const outcomes: string[] = []
    const sink = await start({ onSettled: ({ callid }, outcome) => outcomes.push(`${callid} ${outcome}`) })
    let asked = 0
    server.answerQueueLog = () =>
      ++asked === 1 ? { Response: 'Error', Message: BUSY_SERVERS['shuts down'] } : undefined
    sink.write([outbound(1), outbound(2), outbound(3)])
    await until(() => asked === 3 && sink.unwritten.length === 1, 'the first to be refused')
    server.answerQueueLog = () => ({ Response: 'Success' })
    server.loggedIn[0]?.reset()
    await server.until(() => server.queueLog.length === 3)
    await new Promise((resolve) => sink.end(resolve))
    assert.deepEqual(server.queueLog, [writtenOutbound(1), writtenOutbound(2), writtenOutbound(3)])
    assert.deepEqual(outcomes, [':1.1 written', ':1.2 written', ':1.3 written'])
  })

  it('are written when it is back where a server had hung up all channels to shut down before they were sent', async () => {
    const outcomes: string[] = []
    const sink = await start({ onSettled: ({ callid }, outcome) => outcomes.push(`${callid} ${outcome}`) })
    server.answerQueueLog = () => undefined
    const [session] = server.loggedIn
    server.send(amiEvent('SoftHangupRequest', { Channel: 'IAX2/1001-1', Uniqueid: '1.1', Cause: '4' }))
    await live.until(/SoftHangupRequest/)
    sink.write([outbound(1), outbound(2)])
    await server.until(() => session?.sent('QueueLog').length === 2)
    server.answerQueueLog = () => ({ Response: 'Success' })
    session?.reset()
    await server.until(() => server.queueLog.length === 2)
    await new Promise((resolve) => sink.end(resolve))
    assert.deepEqual(server.queueLog, [writtenOutbound(1), writtenOutbound(2)])
    assert.deepEqual(outcomes, [':1.1 written', ':1.2 written'])
  })

  it('are in doubt where a server went on after such a hang-up: a manager user may ask for one', async () => {
    const outcomes: string[] = []
    const sink = await start({ onSettled: (_line, outcome) => outcomes.push(outcome) })
    server.send(amiEvent('SoftHangupRequest', { Channel: 'IAX2/1001-1', Uniqueid: '1.1', Cause: '4' }))
    await live.until(/SoftHangupRequest/)
    sink.write([outbound(1)])
    await until(() => outcomes.length === 1, 'the answer')
    server.answerQueueLog = () => undefined
    const [session] = server.loggedIn
    sink.write([outbound(2)])
    await server.until(() => session?.sent('QueueLog').length === 2)
    server.answerQueueLog = () => ({ Response: 'Success' })
    session?.reset()
    await until(() => outcomes.length === 2, 'the loss')
    sink.write([outbound(3)])
    await server.until(() => server.queueLog.length === 2)
    assert.deepEqual(server.queueLog, [writtenOutbound(1), writtenOutbound(3)])
  })

  it('are not sent to a server that boots again, before it has', async () => {
    const sink = await start({}, { resynchronises: true })
    server.finishBoot()
    await live.until(/ResyncEnd/)
    server.bootManner = 'starting'
    const [before] = server.loggedIn
    before?.reset()
    await live.until(/(?:Asterisk Call Manager.*){2}/s)
    await server.session()
    sink.write([outbound(1)])
    await live.connection.request('Ping')
    assert.equal(server.queueLog.length, 0)
    server.finishBoot()
    await live.until(/(?:ResyncEnd.*){2}/s)
    sink.write([outbound(2)])
    await server.until(() => server.queueLog.length === 2)
    assert.deepEqual(server.queueLog, [writtenOutbound(1), writtenOutbound(2)])
  })

  it('are late where they are holds of queue calls and the server shuts down: it has written the ends of all calls', async () => {
    const outcomes: string[] = []
    const sink = await start({ onSettled: ({ callid }, outcome) => outcomes.push(`${callid} ${outcome}`) })
    server.answerQueueLog = () => ({ Response: 'Error', Message: BUSY_SERVERS['shuts down'] })
    const hold = (callid: string): QueueLogRecord => line({ callid, event: 'CALLEROFFHOLD' })
    sink.write([outbound(1), hold('7.1')])
    await until(() => outcomes.length === 1 && sink.unwritten.length === 1, 'the hold to be dropped')
    sink.write([hold('7.2'), new AllCallsEnded()])
    server.answerQueueLog = () => ({ Response: 'Success' })
    server.loggedIn[0]?.reset()
    await new Promise((resolve) => sink.end(resolve))
    assert.deepEqual(outcomes, ['7.1 late', '7.2 late', ':1.1 written'])
  })

  it('are late where they are holds that wait behind a line which a server that shuts down did not take', async () => {
    const outcomes: string[] = []
    const sink = await start({ onSettled: ({ callid }, outcome) => outcomes.push(`${callid} ${outcome}`) })
    const asked: (string | undefined)[] = []
    server.answerQueueLog = (action) => {
      asked.push(action.get('uniqueid'))
      return { Response: 'Error', Message: BUSY_SERVERS['shuts down'] }
    }
    // As many as may be on their way at once.
    sink.write(upTo(100).map(outbound))
    await until(() => sink.problem !== undefined, 'the first to be refused')
    sink.write([line({ callid: '7.1' })])
    await until(() => outcomes.length === 1, 'the hold to be dropped')
    assert.deepEqual([outcomes, asked.includes('7.1')], [['7.1 late'], false])
    server.answerQueueLog = () => ({ Response: 'Success' })
    await new Promise((resolve) => sink.end(resolve))
    assert.equal(server.queueLog.length, 100)
  })

  it('are late where they are holds that waited, and their call ended by the time at which the server is asked', async () => {
    const outcomes: string[] = []
    const onSettled: AmiSinkOptions['onSettled'] = ({ callid }, outcome) => outcomes.push(`${callid} ${outcome}`)
    const sink = await start({ learnsEnds: true, onSettled })
    server.swallowed.add('Ping')
    const [session] = server.loggedIn
    sink.write([outbound(1), line({ callid: '7.1' }), line({ callid: '7.2' })])
    await waited()
    sink.write([new CallsKnown()])
    await server.until(() => session?.sent('Ping').length === 1)
    assert.deepEqual(server.queueLog, [writtenOutbound(1)])
    sink.write([new QueueCallEnd('7.1', 'support')])
    await until(() => outcomes.length === 2, 'the hold of the call that is over to be dropped')
    session?.send(pong(session.sent('Ping')[0]))
    await server.until(() => server.queueLog.length === 2)
    assert.deepEqual(server.queueLog, [writtenOutbound(1), '7.2|support|PJSIP/1001|CALLERONHOLD|'])
    assert.deepEqual(outcomes.slice(0, 2), [':1.1 written', '7.1 late'])
  })

  it('are written where they are holds, and the server does not answer what is asked before they go out', async () => {
    const sink = await start({ learnsEnds: true })
    server.swallowed.add('Ping')
    sink.write([new CallsKnown(), line({ callid: '7.1' })])
    await server.until(() => server.queueLog.length === 1)
  })

  it('are late where they are holds, and their call ended while it was not known whose they are', async () => {
    const outcomes: string[] = []
    const onSettled: AmiSinkOptions['onSettled'] = ({ callid }, outcome) => outcomes.push(`${callid} ${outcome}`)
    let owner: 'ours' | 'undecided' = 'undecided'
    let changed = (): void => {}
    const onChange = (listener: () => void): void => {
      changed = listener
    }
    const sink = await start({ turn: { ownerOf: () => owner, isOthers: false, onChange }, onSettled })
    server.swallowed.add('Ping')
    const [session] = server.loggedIn
    sink.write([line({ callid: '7.1' }), line({ callid: '7.2' })])
    await waited()
    owner = 'ours'
    changed()
    await server.until(() => session?.sent('Ping').length === 1)
    sink.write([new QueueCallEnd('7.1', 'support')])
    await until(() => outcomes.length === 1, 'the hold of the call that is over to be dropped')
    session?.send(pong(session.sent('Ping')[0]))
    await until(() => outcomes.length === 2, 'the other one to be written')
    assert.deepEqual(outcomes, ['7.1 late', '7.2 written'])
  })

  it('are refused where app_queue has had the time to load', async () => {
    const outcomes: string[] = []
    const sink = await start({ bootMs: 0, onSettled: (_record, outcome) => outcomes.push(outcome) })
    server.answerQueueLog = () => ({ Response: 'Error', Message: BUSY_SERVERS['has not loaded app_queue yet'] })
    sink.write([outbound(1)])
    await new Promise((resolve) => sink.end(resolve))
    assert.deepEqual(outcomes, ['refused'])
  })

  it('hold the stages before them back when too many wait', async () => {
    const sink = await start()
    server.stall()
    let taken = 0
    const feed = (): void => {
      while (taken < 30_000 && sink.write([numbered(taken++)]));
    }
    sink.on('drain', feed)
    feed()
    await server.until(() => server.loggedIn[0]?.sent('QueueLog').length === 100)
    await live.connection.request('Ping')
    assert.ok(taken < 11_000, String(taken))
    server.resume()
    await server.until(() => server.queueLog.length === 30_000)
    assert.deepEqual(server.queueLog, upTo(30_000).map(written))
  })

  it('are all answered for when the sink has ended', async () => {
    const sink = await start()
    server.stall()
    sink.write([numbered(1)])
    const finished = new Promise((resolve) => sink.end(resolve))
    await server.until(() => server.loggedIn[0]?.sent('QueueLog').length === 1)
    assert.equal(sink.writableFinished, false)
    server.resume()
    await finished
    assert.deepEqual(server.queueLog, [written(1)])
  })
})

describe('lines that must stand behind one that Asterisk writes itself', () => {
  const hotdesking = [
    line({ callid: 'MANAGER', agent: 'PJSIP/1001', event: 'REMOVEMEMBER' }),
    line({ callid: 'MANAGER', agent: 'Jane', event: 'HOTDESKING', data: ['PJSIP/1001'] }),
    line({ callid: 'MANAGER', agent: 'Jane', event: 'ADDMEMBER' }),
  ]
  const asWritten = [
    'MANAGER|support|PJSIP/1001|REMOVEMEMBER|',
    'MANAGER|support|Jane|HOTDESKING|PJSIP/1001',
    'MANAGER|support|Jane|ADDMEMBER|',
  ]

  it('wait a moment, and those of other calls and members do not', async () => {
    const sink = await start()
    sink.write([...hotdesking, line({ agent: 'Joe' })])
    sink.write([line({ callid: 'MANAGER', queuename: 'q-acme', agent: 'Joe', event: 'REMOVEMEMBER' })])
    await server.until(() => server.queueLog.length === 5)
    assert.deepEqual(server.queueLog, [
      '1.2|support|Joe|CALLERONHOLD|',
      'MANAGER|q-acme|Joe|REMOVEMEMBER|',
      ...asWritten,
    ])
  })

  it('keep their order with a log-out of the same member', async () => {
    const sink = await start()
    sink.write(hotdesking)
    sink.write([line({ callid: 'MANAGER', agent: 'Jane', event: 'REMOVEMEMBER' })])
    await server.until(() => server.queueLog.length === 4)
    assert.deepEqual(server.queueLog, [...asWritten, 'MANAGER|support|Jane|REMOVEMEMBER|'])
  })

  it('wait where a pipe has cut them apart', async () => {
    const sink = await start()
    for (const one of hotdesking) sink.write([one])
    sink.write([line({ agent: 'Joe' })])
    await server.until(() => server.queueLog.length === 4)
    assert.deepEqual(server.queueLog, ['1.2|support|Joe|CALLERONHOLD|', ...asWritten])
  })

  it('hold back the further lines of a parked call', async () => {
    const sink = await start()
    const parked = { callid: ':1.9', queuename: 'pk-default' }
    sink.write([line({ ...parked, agent: 'NONE', event: 'ENTERQUEUE', data: ['', '701', '1'] })])
    sink.write([line({ callid: 'MANAGER', queuename: 'pk-default', event: 'ADDMEMBER' })])
    sink.write([line({ ...parked, event: 'CONNECT', data: ['0', '1.10', '0'] })])
    sink.write([line({})])
    await server.until(() => server.queueLog.length === 4)
    assert.deepEqual(server.queueLog, [
      '1.2|support|PJSIP/1001|CALLERONHOLD|',
      ':1.9|pk-default|NONE|ENTERQUEUE||701|1',
      'MANAGER|pk-default|PJSIP/1001|ADDMEMBER|',
      ':1.9|pk-default|PJSIP/1001|CONNECT|0|1.10|0',
    ])
  })

  it('do not hold back the lines of other calls of the lot, nor those of their members', async () => {
    const sink = await start()
    const before = { callid: ':1.7', queuename: 'pk-default', agent: 'PJSIP/1002' }
    sink.write([
      line({ callid: ':1.9', queuename: 'pk-default', agent: 'NONE', event: 'ENTERQUEUE', data: ['', '1', '1'] }),
    ])
    sink.write([
      line({ ...before, callid: 'MANAGER', event: 'ADDMEMBER' }),
      line({ ...before, event: 'CONNECT', data: ['5', '1.8', '0'] }),
    ])
    sink.write([
      line({ ...before, event: 'COMPLETEAGENT', data: ['5', '1', '1'] }),
      line({ ...before, callid: 'MANAGER', event: 'REMOVEMEMBER' }),
    ])
    sink.write([line({ ...before, callid: ':1.6', agent: 'NONE', event: 'ABANDON', data: ['1', '1', '9'] })])
    await server.until(() => server.queueLog.length === 6)
    assert.deepEqual(
      server.queueLog.map((text) => text.split('|')[3]),
      ['ADDMEMBER', 'CONNECT', 'COMPLETEAGENT', 'REMOVEMEMBER', 'ABANDON', 'ENTERQUEUE'],
    )
  })

  it('hold back the log-in of the member that takes their call, which comes with it', async () => {
    const sink = await start()
    const parked = { callid: ':1.9', queuename: 'pk-default' }
    sink.write([line({ ...parked, agent: 'NONE', event: 'ENTERQUEUE', data: ['', '701', '1'] })])
    sink.write([
      line({ ...parked, callid: 'MANAGER', event: 'ADDMEMBER' }),
      line({ ...parked, event: 'CONNECT', data: ['0', '1.10', '0'] }),
    ])
    await server.until(() => server.queueLog.length === 3)
    assert.deepEqual(
      server.queueLog.map((text) => text.split('|')[3]),
      ['ENTERQUEUE', 'ADDMEMBER', 'CONNECT'],
    )
  })

  it('are written when the sink ends before the moment is over', async () => {
    const sink = await start()
    sink.write(hotdesking)
    await new Promise((resolve) => sink.end(resolve))
    assert.deepEqual(server.queueLog, asWritten)
  })
})

describe('a hold of a queue call that could not be written yet', () => {
  const hold = line({ callid: '1.1' })
  const end = new QueueCallEnd('1.1', 'support')
  const onHold = '1.1|support|PJSIP/1001|CALLERONHOLD|'
  const last = line({ callid: '9.9', queuename: 'other', event: 'HOTDESKING' })
  const lastWritten = '9.9|other|PJSIP/1001|HOTDESKING|'

  it('is dropped when the call is over: Asterisk has written its end', async () => {
    const outcomes: string[] = []
    const sink = await start({ onSettled: ({ callid }, outcome) => outcomes.push(`${callid} ${outcome}`) })
    await server.stop()
    await live.log.until(/lost the connection to Asterisk/)
    sink.write([hold, line({ callid: '1.1', event: 'CALLEROFFHOLD' }), line({ callid: '2.2' })])
    sink.write([end, last])
    await server.restart()
    await server.until(() => server.queueLog.at(-1) === lastWritten)
    assert.deepEqual(server.queueLog, ['2.2|support|PJSIP/1001|CALLERONHOLD|', lastWritten])
    await new Promise((resolve) => sink.end(resolve))
    assert.deepEqual(outcomes.slice(0, 2), ['1.1 late', '1.1 late'])
  })

  it('is dropped when the caller has hung up, and that of another call of the same member stays', async () => {
    const sink = await start()
    await server.stop()
    await live.log.until(/lost the connection to Asterisk/)
    sink.write([hold, line({ callid: '2.2' }), new QueueCallEnd('1.1')])
    await server.restart()
    await server.until(() => server.queueLog.length === 1)
    assert.deepEqual(server.queueLog, ['2.2|support|PJSIP/1001|CALLERONHOLD|'])
  })

  it('stays where the call is another one, or one that a tracker follows, whose end waits behind it', async () => {
    const sink = await start()
    await server.stop()
    await live.log.until(/lost the connection to Asterisk/)
    const tracked = line({ callid: ':1.1', queuename: 'q-acme' })
    sink.write([hold, tracked, new QueueCallEnd('1.1', 'sales'), new QueueCallEnd(':1.1', 'q-acme')])
    await server.restart()
    await server.until(() => server.queueLog.length === 2)
    assert.deepEqual(server.queueLog, [onHold, ':1.1|q-acme|PJSIP/1001|CALLERONHOLD|'])
  })

  it('is written, where nothing kept it from being written, before the end counts', async () => {
    const sink = await start()
    sink.write([hold, end])
    await server.until(() => server.queueLog.length === 1)
    assert.deepEqual(server.queueLog, [onHold])
  })

  it('is written where its call was taken anew since', async () => {
    const sink = await start()
    await server.stop()
    await live.log.until(/lost the connection to Asterisk/)
    sink.write([end, hold])
    await server.restart()
    await server.until(() => server.queueLog.length === 1)
    assert.deepEqual(server.queueLog, [onHold])
  })

  it('waits after a login until it is known which calls have ended meanwhile, and other lines do not', async () => {
    const sink = await start({ learnsEnds: true })
    sink.write([hold, line({ callid: '2.2' }), last])
    await server.until(() => server.queueLog.length === 1)
    assert.deepEqual(server.queueLog, [lastWritten])
    sink.write([end, new CallsKnown()])
    await server.until(() => server.queueLog.length === 2)
    assert.deepEqual(server.queueLog, [lastWritten, '2.2|support|PJSIP/1001|CALLERONHOLD|'])
  })

  it('is written at the end of the stream, as nobody will tell any more', async () => {
    const sink = await start({ learnsEnds: true })
    sink.write([hold])
    await new Promise((resolve) => sink.end(resolve))
    assert.deepEqual(server.queueLog, [onHold])
  })

  it('is dropped where it was in doubt when the call ended, and has not arrived', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ami-track-sink-'))
    const tail = join(folder, 'queue_log')
    writeFileSync(tail, '')
    const sink = await start({ tail: fileTail(tail) })
    server.answerQueueLog = () => undefined
    sink.write([hold])
    const [session] = server.loggedIn
    await server.until(() => session?.sent('QueueLog').length === 1)
    server.answerQueueLog = () => ({ Response: 'Success' })
    sink.write([end])
    session?.reset()
    sink.write([last])
    await server.until(() => server.queueLog.length === 1)
    assert.deepEqual(server.queueLog, [lastWritten])
    rmSync(folder, { recursive: true })
  })
})
