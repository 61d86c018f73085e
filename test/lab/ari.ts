import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { Socket } from 'node:net'
import { within } from './patience.ts'
import { ariUser } from './servers.ts'
import type { Stage } from './stage.ts'

const APPLICATION = 'lab'

/** An ARI application: it takes channels that the dialplan gives it, and joins them. */
export class AriApplication {
  private readonly port: number
  private readonly socket: Socket

  private constructor(port: number, socket: Socket) {
    this.port = port
    this.socket = socket
  }

  /** Registers the application: it exists as long as its WebSocket is open. What Asterisk tells on it is not read. */
  static async open(port: number): Promise<AriApplication> {
    const upgrade = request({
      host: '127.0.0.1',
      port,
      path: `/ari/events?app=${APPLICATION}&api_key=${ariUser.name}:${ariUser.secret}`,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': Buffer.from(randomUUID().slice(0, 16)).toString('base64'),
        'Sec-WebSocket-Protocol': 'ari',
      },
    })
    upgrade.end()
    const [, socket] = (await within(once(upgrade, 'upgrade'), 'the WebSocket of ARI')) as [IncomingMessage, Socket]
    socket.on('error', () => {})
    socket.resume()
    return new AriApplication(port, socket)
  }

  /** Redirects channels to the application, which joins them in a bridge of its own. */
  async takeIntoBridge(stage: Stage, names: readonly [string, string]): Promise<void> {
    const [one, other] = names.map((name) => stage.channelOf(name))
    const left = [one, other].map((name) => stage.event('BridgeLeave', { Channel: name ?? '' }))
    await stage.redirect(names[0], '*33', {
      ExtraChannel: other ?? '',
      ExtraContext: stage.named('from-internal'),
      ExtraExten: '*33',
      ExtraPriority: '1',
    })
    const uniqueids = (await Promise.all(left)).map((event) => event.get('uniqueid') ?? '')
    const bridge = randomUUID()
    await this.post(`bridges/${bridge}`, { type: 'mixing' })
    for (const channel of uniqueids) await this.post(`bridges/${bridge}/addChannel`, { channel })
  }

  close(): void {
    this.socket.destroy()
  }

  /** The channel leaves its bridge a moment before it is the application's: then it is asked again. */
  private async post(path: string, query: Readonly<Record<string, string>>): Promise<void> {
    const parameters = new URLSearchParams({ ...query, api_key: `${ariUser.name}:${ariUser.secret}` })
    for (let asked = 1; ; asked++) {
      const { ok, status } = await fetch(`http://127.0.0.1:${this.port}/ari/${path}?${parameters}`, { method: 'POST' })
      if (ok) return
      if (asked === 20) throw new Error(`ARI refused ${path}: ${status}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
}
