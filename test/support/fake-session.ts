import { randomInt } from 'node:crypto'
import type { Socket } from 'node:net'
import { amiMessage } from './ami-messages.ts'

/** An action as a client sent it; header names in lower case. */
export type Action = ReadonlyMap<string, string>

/** The longest line that Asterisk takes, with its line end: inbuf in main/manager.c. */
const LONGEST_LINE = 1024

interface FakeServer {
  /** Something has changed at one of its sessions. */
  changed(): void
}

/** One client of the server. */
export class FakeSession {
  readonly socket: Socket
  readonly challenge = String(randomInt(100_000_000, 999_999_999))
  readonly actions: Action[] = []
  isLoggedIn = false
  /** Which events it asked for: at its login, or since. */
  eventMask = ''
  isOpen = true
  private readonly server: FakeServer
  private readonly onAction: (action: Action) => void
  private unread = ''
  private isSilent = false

  constructor(socket: Socket, server: FakeServer, onAction: (action: Action) => void) {
    this.socket = socket
    this.server = server
    this.onAction = onAction
    socket.on('data', (chunk) => this.read(chunk))
    socket.on('error', () => {})
    socket.on('drain', () => server.changed())
    socket.on('close', () => {
      this.isOpen = false
      server.changed()
    })
  }

  /** The actions of a name, in their order. */
  sent(name: string): Action[] {
    return this.actions.filter((action) => action.get('action') === name)
  }

  send(bytes: Buffer): void {
    if (!this.isSilent && !this.socket.destroyed) this.socket.write(bytes)
  }

  /** Waits until everything is sent and the client has sent nothing for a while (ms). */
  async settled(quietMs = 500): Promise<void> {
    for (let before = -1; before !== this.actions.length || this.socket.writableLength > 0; ) {
      before = this.actions.length
      await new Promise((quiet) => setTimeout(quiet, quietMs))
    }
  }

  /** Sends a byte at a time. */
  async drip(bytes: Buffer): Promise<void> {
    for (const byte of bytes) {
      this.socket.write(Buffer.of(byte))
      await new Promise((turn) => setImmediate(turn))
    }
  }

  /** Resets the connection, as a host does that has lost it. */
  reset(): void {
    this.socket.resetAndDestroy()
  }

  /** Goes half-open: takes everything and says nothing any more. */
  goSilent(): void {
    this.isSilent = true
  }

  private read(chunk: Buffer): void {
    this.unread += chunk.toString('utf8')
    for (let end = this.unread.indexOf('\r\n\r\n'); end >= 0; end = this.unread.indexOf('\r\n\r\n')) {
      const lines = this.unread.slice(0, end).split('\r\n')
      this.unread = this.unread.slice(end + 4)
      const action = new Map<string, string>()
      for (const line of lines) {
        const colon = line.indexOf(':')
        const name = line.slice(0, colon).toLowerCase()
        if (!action.has(name)) action.set(name, line.slice(colon + 1).trimStart())
      }
      this.actions.push(action)
      // Asterisk drops an action with a line too long, and its error names no ActionID.
      if (lines.some((line) => Buffer.byteLength(line) + 2 > LONGEST_LINE)) {
        this.send(
          amiMessage([
            ['Response', 'Error'],
            ['Message', 'Failed to parse message: line too long'],
          ]),
        )
      } else if (!this.isSilent) {
        this.onAction(action)
      }
      this.server.changed()
    }
  }
}
