import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { startWatchdog } from '../../lib/daemon/watchdog.ts'
import type { Log } from '../../lib/text/log.ts'
import { endOf, runPipe } from '../support/programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'ami-track-watchdog-'))
after(() => rmSync(folder, { recursive: true }))

/** systemd's end of the socket: prints what comes. */
const LISTENER = `use IO::Socket::UNIX; $| = 1;
  my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM(), Local => $ARGV[0]) or die; print "ready\\n";
  while (defined $socket->recv(my $message, 4096)) { print "$message\\n" }`

const logTo = (told: string[]): Log => {
  const tell = (text: string): void => void told.push(text)
  return { debug: tell, info: tell, warn: tell, error: tell }
}

async function isThere(command: string): Promise<boolean> {
  return (await runPipe([['bash', '-c', `command -v ${command}`]])).stdout !== ''
}

describe("systemd's watchdog", () => {
  it('is told four times in its time that the loop turns, over its socket, until the end', async (t) => {
    if (!(await isThere('systemd-notify')) || !(await isThere('perl'))) return t.skip('no systemd or no perl')
    const NOTIFY_SOCKET = join(folder, 'notify')
    const listener = spawn('perl', ['-e', LISTENER, NOTIFY_SOCKET], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(listener.stdout, 'data')
    let heard = ''
    listener.stdout.on('data', (data) => {
      heard += data
    })
    const told: string[] = []
    const environment = { ...process.env, NOTIFY_SOCKET, WATCHDOG_USEC: '800000', WATCHDOG_PID: String(process.pid) }
    const end = startWatchdog(logTo(told), environment)
    const started = Date.now()
    // The first at once, the fifth a whole limit later.
    while (heard.split('WATCHDOG=1\n').length < 6) await once(listener.stdout, 'data')
    const took = Date.now() - started
    end()
    listener.kill()
    await endOf(listener)
    assert.ok(took >= 700, `${took} ms`)
    assert.deepEqual(told, [])
  })

  it('is none where no service asks for one, or asks another process', () => {
    const told: string[] = []
    startWatchdog(logTo(told), { NOTIFY_SOCKET: '/none' })()
    startWatchdog(logTo(told), { WATCHDOG_USEC: '1000' })()
    startWatchdog(logTo(told), { NOTIFY_SOCKET: '/none', WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' })()
    assert.deepEqual(told, [])
  })

  it('cannot be told without systemd-notify: that is logged, once', async () => {
    const told: string[] = []
    const end = startWatchdog(logTo(told), { NOTIFY_SOCKET: '/none', WATCHDOG_USEC: '40000', PATH: folder })
    await new Promise((resolve) => setTimeout(resolve, 100))
    end()
    assert.equal(told.length, 1)
    assert.match(told[0] ?? '', /^systemd's watchdog cannot be told .*ENOENT/)
  })
})
