import type { JetStreamClient, JetStreamManager, StreamInfo } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { connectTo, type NatsLogin, NO_SUCH_STREAM, PATIENCE_MS } from '../nats/link.ts'
import { Hopeless } from '../text/exit.ts'
import type { Log } from '../text/log.ts'
import { type Batch, type Position, type ShippedLine, type Sink, StandBy } from './flow.ts'
import { HEADERS, subjectOf } from './nats-names.ts'
import type { StreamPlace } from './place.ts'

/** A message has no more lines, and no more bytes but of a single line. */
const MESSAGE_LINES = 500
const MESSAGE_BYTES = 64 * 1024
/** Within this time the server knows a message by its id as well: ns. */
const DUPLICATE_WINDOW_NS = 2 * 60 * 1e9
/** Of the server: the last message of the subject is another one than was expected. */
const WRONG_LAST_SEQUENCE: readonly number[] = [10071, 10164]

export interface NatsSinkOptions {
  readonly login: NatsLogin
  readonly pbx: string
  /** How many servers of a cluster keep a stream that is made here. */
  readonly replicas: number
  /** Whether one may begin where the stream has lost the position. */
  readonly mayBegin: boolean
  readonly log: Log
}

/**
 * A stream of JetStream. A message has some lines, as they stand in the file, and where they stand; the last message of a PBX is its
 * position. Each names the one that it expects to be the last: so a late repeat, and another shipper, are refused by the server.
 */
export class NatsSink implements Sink {
  readonly name: string
  private readonly place: StreamPlace
  private readonly options: NatsSinkOptions
  private connection: NatsConnection | undefined
  private client: JetStreamClient | undefined
  /** The number of the last message of this PBX. */
  private last = 0

  constructor(place: StreamPlace, options: NatsSinkOptions) {
    this.name = `nats://${place.servers.join(',')}/${place.stream}`
    this.place = place
    this.options = options
  }

  async open(): Promise<Position | undefined> {
    const { manager, info } = await this.connect()
    return await this.findPosition(manager, info ?? (await this.makeStream(manager)))
  }

  async look(): Promise<Position | undefined> {
    const { manager, info } = await this.connect()
    return info && (await this.findPosition(manager, info))
  }

  async write({ lines, to }: Batch): Promise<void> {
    for (let at = 0; at < lines.length; ) {
      const part = messageOf(lines, at)
      at += part.length
      await this.publish(part, to)
    }
  }

  async close(): Promise<void> {
    const { connection } = this
    this.connection = undefined
    await connection?.close()
  }

  /** @returns what the stream is; undefined if there is none yet */
  private async connect(): Promise<{ manager: JetStreamManager; info: StreamInfo | undefined }> {
    const connection = await connectTo(this.place, this.options.login)
    this.connection = connection
    const { jetstream, jetstreamManager } = await import('@nats-io/jetstream')
    const manager = await jetstreamManager(connection, { timeout: PATIENCE_MS })
    this.client = jetstream(connection, { timeout: PATIENCE_MS })
    try {
      return { manager, info: await manager.streams.info(this.place.stream) }
    } catch (error) {
      if ((error as { code?: number }).code !== NO_SUCH_STREAM) throw error
      return { manager, info: undefined }
    }
  }

  private makeStream(manager: JetStreamManager): Promise<StreamInfo> {
    const { stream, subject } = this.place
    this.options.log.info(`created the stream ${stream}`)
    return manager.streams.add({
      name: stream,
      subjects: [`${subject}.>`],
      num_replicas: this.options.replicas,
      duplicate_window: DUPLICATE_WINDOW_NS,
    })
  }

  private async findPosition(manager: JetStreamManager, { state }: StreamInfo): Promise<Position | undefined> {
    const { stream } = this.place
    const { pbx, mayBegin } = this.options
    const found = await manager.streams.getMessage(stream, { last_by_subj: subjectOf(this.place, pbx) })
    this.last = found?.seq ?? 0
    if (found === null) {
      if (state.first_seq > 1 && !mayBegin) {
        throw new Hopeless(
          `the stream ${stream} has lost its oldest messages and has no message of ${pbx}, so the last position is unknown. Use --begin end, or another stream`,
        )
      }
      return undefined
    }
    const { header } = found
    if (header.get(HEADERS.pbx) !== pbx) {
      throw new Hopeless(
        `the subject ${found.subject} already has the lines of ${header.get(HEADERS.pbx) || 'another program'}: choose another --pbx`,
      )
    }
    return { stream: header.get(HEADERS.file), part: header.get(HEADERS.part), place: Number(header.get(HEADERS.end)) }
  }

  private async publish(lines: readonly ShippedLine[], { stream, part }: Position): Promise<void> {
    const { client } = this
    const [first, last] = [lines[0], lines.at(-1)]
    if (client === undefined || first === undefined || last === undefined) return
    const { pbx } = this.options
    const { headers } = await import('@nats-io/transport-node')
    const marks = headers()
    marks.set(HEADERS.pbx, pbx)
    marks.set(HEADERS.file, stream)
    marks.set(HEADERS.part, part)
    marks.set(HEADERS.byte, String(first.byte))
    marks.set(HEADERS.end, String(last.byte + last.bytes.length))
    const bytes = Buffer.concat(lines.map((line) => line.bytes))
    try {
      const { seq, duplicate } = await client.publish(subjectOf(this.place, pbx), bytes, {
        headers: marks,
        msgID: `${pbx} ${stream} ${first.byte}`,
        expect: { streamName: this.place.stream, lastSubjectSequence: this.last },
        timeout: PATIENCE_MS,
      })
      if (duplicate) throw new StandBy(this.another)
      this.last = seq
    } catch (error) {
      if (WRONG_LAST_SEQUENCE.includes((error as { code?: number }).code ?? 0)) throw new StandBy(this.another)
      throw error
    }
  }

  private get another(): string {
    return `another qlog-ship writes the lines of ${this.options.pbx} into ${this.name}; this one is on standby`
  }
}

/** The lines of the next message. */
function messageOf(lines: readonly ShippedLine[], from: number): ShippedLine[] {
  const part: ShippedLine[] = []
  let bytes = 0
  for (let at = from; at < lines.length && part.length < MESSAGE_LINES; at++) {
    const line = lines[at] as ShippedLine
    bytes += line.bytes.length
    if (part.length > 0 && bytes > MESSAGE_BYTES) break
    part.push(line)
  }
  return part
}
