import { EventEmitter, once } from 'node:events'
import { type ClientRequest, get, type IncomingMessage } from 'node:http'
import { createParser } from 'eventsource-parser'

/** A server-sent event, its data read as JSON. */
export interface SentEvent {
  event: string
  id: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects
  data: any
}

/** One who listens to the server-sent events of a socket, and keeps them. */
export class EventListener {
  readonly events: SentEvent[] = []
  readonly request: ClientRequest
  private readonly changes = new EventEmitter().setMaxListeners(0)
  response: IncomingMessage | undefined
  isOver = false

  constructor(socketPath: string, path: string, headers: Record<string, string> = {}) {
    const parser = createParser({
      onEvent: ({ event = '', id, data }) => {
        this.events.push({ event, id, data: JSON.parse(data) })
        this.changes.emit('change')
      },
    })
    this.request = get({ socketPath, path, headers, agent: false }, (response) => {
      this.response = response
      this.changes.emit('change')
      response.setEncoding('utf8')
      response.on('data', (text: string) => parser.feed(text))
      response.on('error', () => {})
      response.on('close', () => {
        this.isOver = true
        this.changes.emit('change')
      })
    })
    this.request.on('error', () => {
      this.isOver = true
      this.changes.emit('change')
    })
  }

  /** Waits until something is so. @throws Error if the server ends it before */
  async until<T>(find: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = find()
      if (found !== undefined && found !== false) return found
      if (this.isOver) throw new Error('the server has ended it')
      await once(this.changes, 'change')
    }
  }

  /** The first event of a kind that is so, which may be still to come. */
  untilEvent(event: string, isSo: (data: SentEvent['data']) => boolean = () => true): Promise<SentEvent> {
    return this.until(() => this.events.find((one) => one.event === event && isSo(one.data)))
  }

  async untilOver(): Promise<void> {
    while (!this.isOver) await once(this.changes, 'change')
  }

  stop(): void {
    this.request.destroy()
  }
}
