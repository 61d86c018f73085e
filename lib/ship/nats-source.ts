import type { Consumer, ConsumerMessages, JetStreamManager, JsMsg } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { connectTo, type NatsLogin, PATIENCE_MS } from '../nats/link.ts'
import { LineCutter, readQueueLogLine } from '../queue-log/line.ts'
import { Hopeless } from '../text/exit.ts'
import { type Batch, CAUGHT_UP, type Position, type ShippedLine, type Source } from './flow.ts'
import { BATCH_LINES } from './log-source.ts'
import { HEADERS } from './nats-names.ts'
import { STREAM_PREFIX, type StreamPlace } from './place.ts'

/** So many messages are on their way: what waits here is bounded by that. */
const MOST_WAITING = 500
/** A message that is not acknowledged for so long comes again: ns. It is longer than any commit. */
const ACK_WAIT_NS = 10 * 60 * 1e9
/** The bytes of messages that have no place of their own are counted on from the number of the message times this. */
const MESSAGE_SPAN = 2 ** 20

export interface NatsSourceOptions {
  readonly login: NatsLogin
  readonly follow: boolean
  /** The name of the durable consumer. */
  readonly consumer: string
  readonly onProblem: (kind: string, text: string) => void
}

interface NatsBatch extends Batch {
  readonly messages: readonly JsMsg[]
}

/** A stream of JetStream, by a durable consumer: what the sink has for good is acknowledged, and only that. */
export class NatsSource implements Source {
  readonly name: string
  readonly unit = 'messages'
  private readonly place: StreamPlace
  private readonly options: NatsSourceOptions

  constructor(place: StreamPlace, options: NatsSourceOptions) {
    this.name = `nats://${place.servers.join(',')}/${place.stream}`
    this.place = place
    this.options = options
  }

  async *read(after: Position | undefined, signal: AbortSignal): AsyncGenerator<Batch | typeof CAUGHT_UP> {
    const connection = await connectTo(this.place, this.options.login)
    try {
      const { jetstream, jetstreamManager } = await import('@nats-io/jetstream')
      const manager = await jetstreamManager(connection, { timeout: PATIENCE_MS })
      const birth = await this.birthOf(manager)
      const last = this.placeIn(after, birth)
      await this.makeConsumer(manager, last)
      const consumer = await jetstream(connection, { timeout: PATIENCE_MS }).consumers.get(
        this.place.stream,
        this.options.consumer,
      )
      yield* this.consume(connection, consumer, { last, birth }, signal)
    } finally {
      await connection.close()
    }
  }

  async acknowledge(batch: Batch): Promise<void> {
    for (const message of (batch as NatsBatch).messages) message.ack()
  }

  /** When the stream was made: one of the same name that is made anew counts its messages anew. */
  private async birthOf(manager: JetStreamManager): Promise<string> {
    const { created, config } = await manager.streams.info(this.place.stream)
    if (config.retention === 'interest') {
      throw new Hopeless(
        `the stream ${this.place.stream} deletes messages when they are read: set its retention to "limits"`,
      )
    }
    return created
  }

  private placeIn(after: Position | undefined, birth: string): number {
    if (after === undefined) return 0
    const stream = `${STREAM_PREFIX}${this.place.stream}`
    if (after.stream !== stream) {
      throw new Hopeless(`the last shipped line came from ${after.stream}, not from ${stream}: choose another --pbx`)
    }
    if (after.part === birth) return after.place
    this.options.onProblem(
      'stream',
      `the stream ${this.place.stream} was created again: qlog-ship reads it from its beginning`,
    )
    return 0
  }

  /** A consumer that goes on behind a message: one that a process left with messages on their way is made anew. */
  private async makeConsumer(manager: JetStreamManager, last: number): Promise<void> {
    const { stream, subject } = this.place
    const { consumer: name } = this.options
    const found = await manager.consumers.info(stream, name).catch((error: { code?: number }) => {
      if (error.code === 10014) return undefined
      throw error
    })
    if (found !== undefined) {
      if (found.num_ack_pending === 0 && found.delivered.stream_seq <= last) return
      await manager.consumers.delete(stream, name)
    }
    const { AckPolicy, DeliverPolicy } = await import('@nats-io/jetstream')
    await manager.consumers.add(stream, {
      durable_name: name,
      filter_subject: `${subject}.>`,
      ack_policy: AckPolicy.Explicit,
      ack_wait: ACK_WAIT_NS,
      max_ack_pending: MOST_WAITING,
      ...(last === 0
        ? { deliver_policy: DeliverPolicy.All }
        : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: last + 1 }),
    })
  }

  private async *consume(
    connection: NatsConnection,
    consumer: Consumer,
    { last: after, birth }: { last: number; birth: string },
    signal: AbortSignal,
  ): AsyncGenerator<Batch | typeof CAUGHT_UP> {
    const { follow } = this.options
    const waiting = new Waiting()
    let last = after
    if ((await consumer.info()).num_pending === 0) {
      yield CAUGHT_UP
      if (!follow) return
    }
    const messages = await consumer.consume({
      max_messages: MOST_WAITING,
      idle_heartbeat: PATIENCE_MS,
      abort_on_missing_resource: true,
      callback: (message) => waiting.add(message),
    })
    const end = (): void => waiting.end()
    signal.addEventListener('abort', end)
    endWith(messages, connection, waiting)
    try {
      while (!signal.aborted) {
        const taken = await waiting.take()
        if (taken === undefined) break
        const fresh = taken.filter(({ seq }) => seq > last)
        // What came again is there for good.
        for (const message of taken) if (message.seq <= last) message.ack()
        const newest = fresh.at(-1)
        if (newest === undefined) continue
        for (const part of parts(fresh)) yield this.batchOf(part, birth)
        last = newest.seq
        if (newest.info.pending > 0 || waiting.isAny) continue
        yield CAUGHT_UP
        if (!follow) return
      }
      if (!signal.aborted) throw waiting.failure ?? new Error(`lost the connection to ${this.name}`)
    } finally {
      signal.removeEventListener('abort', end)
      messages.stop()
    }
  }

  private batchOf(messages: readonly JsMsg[], birth: string): NatsBatch {
    const [first, last] = [messages[0], messages.at(-1)] as [JsMsg, JsMsg]
    const place = { stream: `${STREAM_PREFIX}${this.place.stream}`, part: birth }
    return {
      lines: messages.flatMap((message) => this.linesOf(message)),
      from: { ...place, place: first.seq - 1 },
      to: { ...place, place: last.seq },
      unread: last.info.pending,
      messages,
    }
  }

  private linesOf(message: JsMsg): ShippedLine[] {
    const { headers, subject, seq } = message
    const file = headers?.get(HEADERS.file) || `${STREAM_PREFIX}${this.place.stream}`
    const begin = headers?.has(HEADERS.byte) ? Number(headers.get(HEADERS.byte)) : seq * MESSAGE_SPAN
    const pbx = headers?.get(HEADERS.pbx) || subject.slice(this.place.subject.length + 1)
    const cutter = new LineCutter(begin)
    const cut = [...cutter.feed(Buffer.from(message.data)), ...cutter.end()]
    return cut.map(({ bytes, byte, isPart }) => {
      const fields = isPart ? 'a line is longer than 65536 bytes' : readQueueLogLine(bytes)
      if (typeof fields === 'string') this.options.onProblem('malformed line', `${subject}, message ${seq}: ${fields}`)
      return { pbx, bytes, fields: typeof fields === 'string' ? undefined : fields, file, byte }
    })
  }
}

/** Messages that have come, until they are taken. */
class Waiting {
  failure: Error | undefined
  private messages: JsMsg[] = []
  private isOver = false
  private wake = (): void => {}

  get isAny(): boolean {
    return this.messages.length > 0
  }

  add(message: JsMsg): void {
    this.messages.push(message)
    this.wake()
  }

  end(failure?: Error): void {
    this.failure ??= failure
    this.isOver = true
    this.wake()
  }

  /** All that has come, at least one; undefined at the end. */
  async take(): Promise<JsMsg[] | undefined> {
    while (this.messages.length === 0) {
      if (this.isOver) return undefined
      await new Promise<void>((resolve) => {
        this.wake = resolve
      })
    }
    const taken = this.messages
    this.messages = []
    return taken
  }
}

function endWith(messages: ConsumerMessages, connection: NatsConnection, waiting: Waiting): void {
  void connection.closed().then((error) => waiting.end(error ?? undefined))
  void messages.closed().then((error) => waiting.end(error instanceof Error ? error : undefined))
}

/** Messages in batches of some lines each: how many there are in one nobody knows before, so their bytes are counted. */
function* parts(messages: readonly JsMsg[]): Generator<JsMsg[]> {
  const bytesOfBatch = BATCH_LINES * 64
  let part: JsMsg[] = []
  let bytes = 0
  for (const message of messages) {
    if (part.length > 0 && bytes + message.data.length > bytesOfBatch) {
      yield part
      part = []
      bytes = 0
    }
    part.push(message)
    bytes += message.data.length
  }
  if (part.length > 0) yield part
}
