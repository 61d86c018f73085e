import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { connect, type Socket } from 'node:net'

/**
 * `measure-peer.js NAME PORT EVENTS`: one of the libraries in bench/package.json, in a process of its own, reads the dump
 * that dump-server.js says to it, as its users have it do: connected, logged in, one listener. Prints what measure.js does.
 */

const require = createRequire(new URL('../../bench/package.json', import.meta.url))
const [name = '', port = '', wanted = ''] = process.argv.slice(2)
const login = { host: '127.0.0.1', port: Number(port), login: 'bench', password: 'bench' }

/** How each of them is connected, and the name of what it emits for an event. */
const clients: Record<string, () => { client: EventEmitter; event: string }> = {
  yana: () => {
    const client = new (require('yana'))(login)
    client.connect()
    return { client, event: 'event' }
  },
  'ami-io': () => {
    const { Client, SilentLogger } = require('ami-io')
    const client = new Client({ ...login, encoding: 'utf8', logger: new SilentLogger() })
    client.connect()
    return { client, event: 'rawEvent' }
  },
  'asterisk-manager': () => {
    const client = require('asterisk-manager')(login.port, login.host, login.login, login.password, true)
    return { client, event: 'managerevent' }
  },
  nami: () => {
    const { Nami } = require('nami')
    const logger = { error: nothing, warn: nothing, info: nothing, debug: nothing }
    const client = new Nami({ host: login.host, port: login.port, username: 'bench', secret: 'bench', logger })
    client.open()
    return { client, event: 'namiEvent' }
  },
  'asterisk-ami-events-stream': () => {
    const client = new (require('asterisk-ami-events-stream'))()
    const socket: Socket = connect(login.port, login.host)
    socket.pipe(client)
    client.resume()
    return { client, event: 'amiEvent' }
  },
}

function nothing(): void {}

const made = clients[name]
if (made === undefined) throw new Error(`${name} is not known`)
const { client, event } = made()
/** Nothing comes for so long: the rest was lost. */
const QUIET_MS = 5000
let count = 0
let start = 0n
let last = 0n
client.on('error', nothing)
client.on(event, () => {
  last = process.hrtime.bigint()
  if (count++ === 0) start = last
  if (count === Number(wanted)) finish()
})
setInterval(() => {
  if (count > 0 && Number(process.hrtime.bigint() - last) / 1e6 > QUIET_MS) finish()
}, 1000)

function finish(): void {
  const seconds = Number(last - start) / 1e9
  const peakBytes = process.resourceUsage().maxRSS * 1024
  process.stdout.write(`${JSON.stringify({ count, seconds, peakBytes })}\n`, () => process.exit())
}
