import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FakeAsterisk } from '../test/support/fake-asterisk.ts'
import { fixture } from '../test/support/fixtures.ts'
import { root } from '../test/support/package.ts'
import { eventsOf, play, type Recorded } from '../test/support/recording-player.ts'

/**
 * `make demo-live`: a server plays a recorded call at the speed at which it happened, the real daemon follows it, and the
 * lines are shown as the server is given them. With CONTROL=SOCKET the daemon has this control socket, and the call is
 * played again and again until ^C.
 */

const TELLING = new Set([
  'QueueCallerJoin',
  'AgentConnect',
  'Hold',
  'Unhold',
  'BlindTransfer',
  'ParkedCall',
  'UnParkedCall',
  'AgentComplete',
  'HangupRequest',
])
const LONGEST = 60_000

const [bold, plain] = process.stdout.isTTY && !process.env.NO_COLOR ? ['\x1b[1m', '\x1b[0m'] : ['', '']
const began = Date.now()

function say(text: string): void {
  const seconds = ((Date.now() - began) / 1000).toFixed(3).padStart(7)
  process.stdout.write(`${seconds}  ${text}\n`)
}

function sayEvent({ event, headers }: Recorded): void {
  if (!TELLING.has(event)) return
  const channel = headers.get('Channel') ?? headers.get('ParkeeChannel') ?? headers.get('TransfererChannel') ?? ''
  say(`          ${event} ${channel}`)
}

const { name, amiFile } = fixture('asterisk-22/park_retrieve')
const events = eventsOf(readFileSync(amiFile))
const lengthSeconds = Math.round(((events.at(-1)?.at ?? 0) - (events.find(({ at }) => at > 0)?.at ?? 0)) / 1000)
const control = process.env.CONTROL || undefined
const server = await FakeAsterisk.start({ banner: 'Asterisk Call Manager/11.0.0' })
server.userEvents = 'seen'
const options = ['--login', 'tracker', '--parkedcalls', '1', '--outboundcalls', '1', '--loglevel', 'warn']
say(`fixtures/${name}.ami takes ${lengthSeconds} s; ami-track ${options.slice(2, 6).join(' ')} follows it`)
if (control !== undefined) {
  say(`it is played again and again, until ^C. Try in another terminal:`)
  for (const look of ['status', 'top', 'tap']) say(`    bin/ami-track ${look} --control ${control}`)
  options.push('--control', control)
}
const daemon = spawn(join(root, 'bin/ami-track'), ['--port', String(server.port), ...options], {
  env: { ...process.env, AMISECRET: 'tr4ck' },
  stdio: ['ignore', 'inherit', 'inherit'],
})
const over = new AbortController()
const ended = new Promise<number | null>((resolve) => daemon.on('close', resolve))
void ended.then(() => over.abort())
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => over.abort(signal))
const giveUp = control === undefined ? setTimeout(() => daemon.kill('SIGKILL'), LONGEST) : undefined
server.onLine((line) => say(`${bold}queue_log ${line}${plain}`))
await Promise.race([server.session(), ended])
try {
  do {
    await play(
      events,
      (event) => {
        sayEvent(event)
        server.send(event.bytes)
      },
      over.signal,
    )
  } while (control !== undefined)
} catch (error) {
  if (!over.signal.aborted) throw error
}
// ^C reaches the daemon as well, and a second signal would end it before its lines are answered.
if (over.signal.reason !== 'SIGINT') daemon.kill('SIGTERM')
const code = await ended
clearTimeout(giveUp)
await server.stop()
say(`${server.queueLog.length} lines; the daemon ended with exit code ${code}`)
if (code !== 0 || (control === undefined && server.queueLog.length === 0)) process.exitCode = 1
