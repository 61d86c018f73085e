import type { AmiConnection } from '../connection/connection.ts'
import type { Role } from '../election/beat.ts'
import type { Heartbeat } from '../election/heartbeat.ts'
import { describeHanging, fileWaits } from '../files/file-waits.ts'
import type { Sink } from '../sinks/sink.ts'

/** What the state that survives a restart says of itself. */
export interface StateStatus {
  /** Whether a restart now would go on with all open calls. */
  readonly isKept: boolean
  /** How many bytes it takes, and how many of them wait in memory, as the disk is full. */
  readonly bytes: number
  readonly waitingBytes: number
  /** What is wrong with it: a sentence for a person. */
  readonly problem: string | undefined
}

const ASK_DOCTOR = 'Run ami-track doctor with the settings of this daemon. It shows what to do.'

/** What is wrong, and what to do: a sentence each. */
export interface Trouble {
  readonly text: string
  readonly remedy: string
}

/** What a running program is doing at the moment, told to whoever asks: systemd, SIGUSR2, Prometheus, /healthz. */
export class RunningStatus {
  private readonly connection: AmiConnection
  private readonly sink: Sink | undefined
  private readonly heartbeat: Heartbeat | undefined
  /** The state that survives a restart; undefined if none is kept. */
  readonly state: StateStatus | undefined
  private logins = 0

  /** @param sink where lines go; nothing is known of it if it is not given */
  constructor(
    connection: AmiConnection,
    sink?: Sink,
    { heartbeat, state }: { heartbeat?: Heartbeat | undefined; state?: StateStatus | undefined } = {},
  ) {
    this.connection = connection
    this.sink = sink
    this.heartbeat = heartbeat
    this.state = state
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
    return this.sink?.unwritten?.length
  }

  /** How many lines were sent, and not answered for; undefined if nobody answers. */
  get unanswered(): number | undefined {
    return this.sink?.unanswered?.length
  }

  /** What it does about the queue_log: where no other tracker can be, it writes. */
  get role(): Role {
    return this.heartbeat?.role ?? 'active'
  }

  /** What is wrong; undefined if nothing is. A daemon that stands by does what it should. */
  get trouble(): Trouble | undefined {
    const { connection, sink, state } = this
    if (!connection.isUp)
      return { text: 'There is no connection to Asterisk. See the log for the reason.', remedy: ASK_DOCTOR }
    if (connection.isOverflowing) {
      const remedy = 'The disk or the processor is too slow for this PBX. Check what else runs on this machine.'
      return { text: 'Events are lost, because ami-track reads them too slowly. See the log for details.', remedy }
    }
    if (sink?.problem !== undefined) return { text: sink.problem, remedy: ASK_DOCTOR }
    if (state?.problem !== undefined) return { text: state.problem, remedy: 'Free space on its disk.' }
    const [hanging] = fileWaits.hanging
    return (
      hanging && { text: `${describeHanging(hanging)}.`, remedy: 'Check the disk, or the program that reads the pipe.' }
    )
  }

  /** The text of {@link trouble}. */
  get problem(): string | undefined {
    return this.trouble?.text
  }

  /** `127.0.0.1:5038` */
  get address(): string {
    return this.connection.address
  }

  /** Since when it is logged in: ms since the epoch; undefined if it is not. */
  get connectedSince(): number | undefined {
    return this.connection.upSince
  }

  /** The version that Asterisk told; undefined if it is not known. */
  get asteriskVersion(): string | undefined {
    return this.connection.asteriskVersion
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
      ...(unwritten === undefined ? [] : [`${unwritten} lines to write`]),
      ...(unanswered === undefined ? [] : [`${unanswered} lines sent and not answered`]),
      ...(this.state === undefined ? [] : [describeState(this.state)]),
      ...(this.heartbeat === undefined ? [] : [this.heartbeat.describe()]),
    ].join(', ')
  }
}

function describeState({ isKept, bytes, waitingBytes }: StateStatus): string {
  const waits = waitingBytes === 0 ? '' : `, ${Math.ceil(waitingBytes / 1024)} KiB of them wait for the disk`
  return `${Math.ceil(bytes / 1024)} KiB of state${waits}${isKept ? '' : ', not complete'}`
}
