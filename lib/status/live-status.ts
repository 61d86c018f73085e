import type { AmiConnection } from '../connection/connection.ts'
import type { Role } from '../election/beat.ts'
import type { Heartbeat } from '../election/heartbeat.ts'

/** What a sink says of itself; nothing, if it is only a stream of bytes. */
export interface SinkStatus {
  /** The lines that are still to be written. */
  readonly unwritten?: readonly string[]
  /** Those of them that were sent, and not answered for. */
  readonly unanswered?: readonly string[]
  /** Why lines cannot be written just now: a sentence for a person. */
  readonly problem?: string | undefined
}

/** What a live program is doing at the moment, told to whoever asks: systemd, SIGUSR2, Prometheus, /healthz. */
export class LiveStatus {
  private readonly connection: AmiConnection
  private readonly sink: SinkStatus
  private readonly heartbeat: Heartbeat | undefined
  private logins = 0

  /** @param sink where lines go; nothing is known of it if it is not given */
  constructor(connection: AmiConnection, sink: SinkStatus = {}, heartbeat?: Heartbeat) {
    this.connection = connection
    this.sink = sink
    this.heartbeat = heartbeat
    connection.onUp(() => this.logins++)
  }

  /** Whether it is connected and logged in. */
  get isConnected(): boolean {
    return this.connection.isUp
  }

  /** How often the connection was made again after it was lost. */
  get reconnects(): number {
    return Math.max(0, this.logins - 1)
  }

  /** How many bytes of events wait to be looked at. */
  get waitingBytes(): number {
    return this.connection.stream.depth
  }

  /** How many lines are to be written, those aside that were sent; undefined if the sink cannot tell. */
  get unwritten(): number | undefined {
    return this.sink.unwritten?.length
  }

  /** How many lines were sent, and not answered for; undefined if nobody answers. */
  get unanswered(): number | undefined {
    return this.sink.unanswered?.length
  }

  /** What it does about the queue_log: where no other tracker can be, it writes. */
  get role(): Role {
    return this.heartbeat?.role ?? 'active'
  }

  /** What is wrong, in a sentence for a person; undefined if nothing is. A daemon that stands by does what it should. */
  get problem(): string | undefined {
    if (!this.connection.isUp) return 'There is no connection to Asterisk: the log says why.'
    if (this.connection.isOverflowing) return 'Events are lost, as they are read too slowly: the log says more.'
    return this.sink.problem
  }

  /**
   * What it does and what is wrong, without numbers that change with every event:
   * `connected to 127.0.0.1:5038 since 2027-01-15T08:00:00Z, writes`
   */
  get summary(): string {
    const { address, trouble, upSince } = this.connection
    if (upSince === undefined) {
      return trouble === undefined ? `connecting to ${address}` : `not connected, trying again: ${trouble}`
    }
    const since = new Date(upSince).toISOString().replace(/\.\d+Z$/, 'Z')
    const role = this.heartbeat === undefined ? '' : `, ${this.heartbeat.describe()}`
    const problem = this.problem === undefined ? '' : `. ${this.problem}`
    return `connected to ${address} since ${since}${role}${problem}`
  }

  /** How much waits, and its role, in a line of the log. */
  describe(): string {
    const { unwritten, unanswered } = this
    return [
      this.isConnected ? 'connected' : 'not connected',
      `${Math.ceil(this.waitingBytes / 1024)} KiB of events wait`,
      ...(unwritten === undefined ? [] : [`${unwritten} lines to be written`]),
      ...(unanswered === undefined ? [] : [`${unanswered} sent and not answered`]),
      ...(this.heartbeat === undefined ? [] : [this.heartbeat.describe()]),
    ].join(', ')
  }
}
