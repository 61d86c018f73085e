import { EventEmitter } from 'node:events'
import { connect, type Socket } from 'node:net'
import { within } from './patience.ts'

/** A message of the manager port: names in lower case, the first of repeated ones. */
export type AmiHeaders = ReadonlyMap<string, string>

/** Headers that an event must have: a text, or one that matches. */
export type Wanted = Readonly<Record<string, string | RegExp>>

/**
 * The lab's own connection to the manager port. It is not the product's: what is tested must not be what tests.
 *
 * Emits `message` with each {@link AmiHeaders}, and `data` with what arrives.
 */
export class AmiClient extends EventEmitter<{ message: [AmiHeaders]; data: [Buffer]; close: [] }> {
  private readonly socket: Socket
  private rest = ''
  private actions = 0

  private constructor(socket: Socket) {
    super()
    this.setMaxListeners(0)
    this.socket = socket
    socket.on('data', (bytes) => this.receive(bytes))
    socket.on('close', () => this.emit('close'))
    socket.on('error', () => {})
  }

  /** Connects and logs in. @param onData gets everything from the banner on */
  static async open(
    port: number,
    { name, secret }: { name: string; secret: string },
    onData?: (bytes: Buffer) => void,
  ): Promise<AmiClient> {
    const socket = connect(port, '127.0.0.1')
    const client = new AmiClient(socket)
    if (onData !== undefined) client.on('data', onData)
    await within(
      new Promise<void>((resolve, reject) => {
        socket.once('connect', resolve)
        socket.once('error', reject)
      }),
      `a connection to port ${port}`,
    )
    await client.action('Login', { Username: name, Secret: secret })
    return client
  }

  /** Sends an action. @throws if it is refused */
  async action(name: string, headers: Readonly<Record<string, string>> = {}): Promise<AmiHeaders> {
    const id = `lab-${++this.actions}`
    const lines = Object.entries({ Action: name, ActionID: id, ...headers }).map(
      ([key, value]) => `${key}: ${value}\r\n`,
    )
    const answer = this.next(
      (message) => message.get('actionid') === id && message.has('response'),
      `the response to ${name}`,
    )
    this.socket.write(`${lines.join('')}\r\n`)
    const response = await answer
    if (response.get('response') === 'Success' || response.get('response') === 'Goodbye') return response
    throw new Error(`${name} was refused: ${response.get('message')}`)
  }

  /** The next event of a name whose headers are as wanted. */
  event(name: string, wanted: Wanted = {}): Promise<AmiHeaders> {
    const isIt = (message: AmiHeaders): boolean =>
      message.get('event') === name &&
      Object.entries(wanted).every(([header, want]) => {
        const value = message.get(header.toLowerCase()) ?? ''
        return typeof want === 'string' ? value === want : want.test(value)
      })
    const which = Object.entries(wanted).map(([header, want]) => `${header} ${want}`)
    return this.next(isIt, `the event ${[name, ...which].join(', ')}`)
  }

  close(): void {
    this.socket.end()
    this.socket.destroySoon()
  }

  private next(isIt: (message: AmiHeaders) => boolean, what: string): Promise<AmiHeaders> {
    let listener: (message: AmiHeaders) => void = () => {}
    let closed = (): void => {}
    const found = new Promise<AmiHeaders>((resolve, reject) => {
      listener = (message) => {
        if (isIt(message)) resolve(message)
      }
      this.on('message', listener)
      closed = () => reject(new Error(`the connection ended before ${what}`))
      this.once('close', closed)
    })
    const waiting = within(found, what).finally(() => this.off('message', listener).off('close', closed))
    // A flow may ask for an event before it does what causes it, and fail in between.
    waiting.catch(() => {})
    return waiting
  }

  private receive(bytes: Buffer): void {
    this.emit('data', bytes)
    this.rest += bytes.toString('latin1')
    for (;;) {
      const end = this.rest.indexOf('\r\n\r\n')
      if (end < 0) return
      const text = this.rest.slice(0, end)
      this.rest = this.rest.slice(end + 4)
      this.emit('message', headersOf(text))
    }
  }
}

function headersOf(text: string): AmiHeaders {
  const headers = new Map<string, string>()
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon < 0) continue
    const name = line.slice(0, colon).toLowerCase()
    if (!headers.has(name)) headers.set(name, line.slice(colon + 1).replace(/^ /, ''))
  }
  return headers
}
