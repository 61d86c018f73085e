import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, readFileSync, watch, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { ServiceNotifier } from '../../lib/daemon/service-notifier.ts'
import { folderOfEachTest } from '../support/each-test.ts'
import { RecordingLog } from '../support/recording-log.ts'
import { ServiceManager } from '../support/service-manager.ts'

const file = folderOfEachTest('notifier')
let log: RecordingLog
let started: ServiceNotifier[]

beforeEach(() => {
  log = new RecordingLog()
  started = []
})
afterEach(async () => {
  for (const notifier of started) await notifier.stopping('')
})

function start(environment: NodeJS.ProcessEnv, describe = (): string => 'well'): ServiceNotifier | undefined {
  const notifier = ServiceNotifier.start({ log, describe, environment: { PATH: process.env.PATH, ...environment } })
  if (notifier !== undefined) started.push(notifier)
  return notifier
}

const isThere = (command: string): boolean =>
  execFileSync('bash', ['-c', `command -v ${command} || true`]).toString() !== ''
const skip = isThere('systemd-notify') && isThere('perl') ? false : 'no systemd or no perl'

describe('what systemd hears', { skip }, () => {
  let manager: ServiceManager

  beforeEach(async () => {
    manager = await ServiceManager.listen(file('notify'))
  })
  afterEach(() => manager.stop())

  it('is all of it in each message: one that is lost is made good by the next', async () => {
    const notifier = start({ ...manager.environment, WATCHDOG_USEC: '400000', WATCHDOG_PID: String(process.pid) })
    await manager.until(({ WATCHDOG }) => WATCHDOG === '1')
    notifier?.ready()
    await manager.until(() => manager.messages.filter(({ READY }) => READY === '1').length === 3)
    const { messages } = manager
    const first = messages.findIndex(({ READY }) => READY === '1')
    assert.ok(first > 0)
    assert.deepEqual(
      messages.slice(first),
      messages.slice(first).map(() => ({ READY: '1', WATCHDOG: '1', STATUS: 'well' })),
    )
    assert.deepEqual(log.lines, [])
  })

  it('is that the loop turns, four times in the time that it has', async () => {
    const limitMs = 800
    start({ ...manager.environment, WATCHDOG_USEC: String(limitMs * 1000), WATCHDOG_PID: String(process.pid) })
    const before = performance.now()
    // The first at once, the fifth a whole limit later.
    await manager.until(() => manager.messages.length === 5)
    assert.ok(performance.now() - before > (limitMs * 3) / 4)
    assert.ok(manager.messages.every(({ WATCHDOG }) => WATCHDOG === '1'))
  })

  it('is no sign of life where none is asked for', async () => {
    start({ ...manager.environment })?.ready()
    assert.deepEqual(await manager.until(({ READY }) => READY === '1'), { READY: '1', STATUS: 'well' })
  })

  it('is each new status, as one line that holds nothing but itself', async () => {
    let status = 'first'
    start({ ...manager.environment }, () => status)
    await manager.until(({ STATUS }) => STATUS === 'first')
    status = `one\nREADY=1\nSTOPPING=1 ${'x'.repeat(10_000)}`
    const { STATUS = '', ...others } = await manager.until(({ STATUS }) => STATUS?.startsWith('one') === true)
    assert.deepEqual(others, {})
    assert.match(STATUS, /^one.READY=1.STOPPING=1 x+$/u)
    assert.ok(STATUS.length <= 300)
  })

  it('is at last that it ends, and why', async () => {
    const notifier = start({ ...manager.environment, WATCHDOG_USEC: '400000' })
    notifier?.ready()
    await notifier?.stopping('Asterisk refuses the login')
    assert.deepEqual(manager.messages.at(-1), { STOPPING: '1', STATUS: 'Asterisk refuses the login' })
  })
})

describe('messages to systemd', () => {
  /** A systemd-notify that writes down what it is to send, and ends when something is in a file. */
  function makeSlowNotify(): { PATH: string; NOTIFY_SOCKET: string } {
    const script = `#!/bin/sh
echo "begin $*" >> '${file('sent')}'
until [ -e '${file('go')}' ]; do sleep 0.05; done
echo "end $*" >> '${file('sent')}'
`
    writeFileSync(file('systemd-notify'), script)
    chmodSync(file('systemd-notify'), 0o755)
    writeFileSync(file('sent'), '')
    return { PATH: `${file('.')}:/usr/bin:/bin`, NOTIFY_SOCKET: '/none' }
  }

  const sent = (): string[] => readFileSync(file('sent'), 'utf8').split('\n').slice(0, -1)

  async function untilSent(line: string): Promise<void> {
    const changes = watch(file('.'))
    while (!sent().includes(line)) await once(changes, 'change')
    changes.close()
  }

  it('wait for the one before, so that an old status never comes behind a newer one', async () => {
    let status = 'connecting'
    const notifier = start(makeSlowNotify(), () => status)
    await untilSent('begin STATUS=connecting')
    status = 'not connected'
    notifier?.ready()
    status = 'connected'
    notifier?.ready()
    writeFileSync(file('go'), '')
    await untilSent('end READY=1 STATUS=connected')
    assert.deepEqual(sent(), [
      ...['begin STATUS=connecting', 'end STATUS=connecting'],
      ...['begin READY=1 STATUS=connected', 'end READY=1 STATUS=connected'],
    ])
  })

  it('do not hold up the end of the program for long', async () => {
    const notifier = start(makeSlowNotify())
    await untilSent('begin STATUS=well')
    await notifier?.stopping('stopping')
    assert.deepEqual(sent(), ['begin STATUS=well'])
    writeFileSync(file('go'), '')
    await untilSent('end STOPPING=1 STATUS=stopping')
  })

  it('are none where no service manager listens, or to another process', () => {
    assert.equal(start({ WATCHDOG_USEC: '1000' }), undefined)
    assert.equal(start({ NOTIFY_SOCKET: '/none', WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' }), undefined)
  })

  it('that cannot be sent are told once in the log, with what to look at', async () => {
    const notifier = start({ NOTIFY_SOCKET: '/none', PATH: file('.') })
    notifier?.ready()
    await notifier?.stopping('')
    assert.equal(log.lines.length, 1)
    assert.match(
      log.lines[0] ?? '',
      /^warn: cannot report to systemd, .*ENOENT\. Check that systemd-notify is installed$/,
    )
  })
})
