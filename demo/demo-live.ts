import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { FakeAsterisk } from '../test/support/fake-asterisk.ts'
import { fixture } from '../test/support/fixtures.ts'
import { root } from '../test/support/package.ts'
import { eventsOf, play, type Recorded } from '../test/support/recording-player.ts'

/**
 * `make demo-live`: a server plays a recorded call at the speed at which it happened, the real daemon follows it, and the
 * lines are shown as the server is given them.
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
const server = await FakeAsterisk.start({ banner: 'Asterisk Call Manager/11.0.0' })
const options = ['--login', 'tracker', '--parkedcalls', '1', '--outboundcalls', '1', '--loglevel', 'warn']
say(`fixtures/${name}.ami takes ${lengthSeconds} s; ami-track ${options.slice(2, 6).join(' ')} follows it`)
const daemon = spawn(join(root, 'bin/ami-track'), ['--port', String(server.port), ...options], {
  env: { ...process.env, AMISECRET: 'tr4ck' },
  stdio: ['ignore', 'inherit', 'inherit'],
})
const ended = new Promise<number | null>((resolve) => daemon.on('close', resolve))
const giveUp = setTimeout(() => daemon.kill('SIGKILL'), LONGEST)
server.onLine((line) => say(`${bold}queue_log ${line}${plain}`))
await server.session()
await play(events, (event) => {
  sayEvent(event)
  server.send(event.bytes)
})
daemon.kill('SIGTERM')
const code = await ended
clearTimeout(giveUp)
await server.stop()
say(`${server.queueLog.length} lines; the daemon ended with exit code ${code}`)
if (code !== 0 || server.queueLog.length === 0) process.exitCode = 1
