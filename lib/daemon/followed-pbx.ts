import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Transform } from 'node:stream'
import { AmiConnection } from '../connection/connection.ts'
import type { SharedByConnections } from '../connection/settings.ts'
import { memberNamesMessage } from '../connection/stamping.ts'
import { Heartbeat } from '../election/heartbeat.ts'
import { LastTurnFile } from '../election/last-turn.ts'
import { FileProblem } from '../files/file-problem.ts'
import { LockFile } from '../files/lock-file.ts'
import { FILES } from '../files/uses.ts'
import type { PbxTap } from '../live/pbx-tap.ts'
import { UsageError } from '../options/kinds.ts'
import { FileTail } from '../queue-log/file-tail.ts'
import type { OnSettled } from '../queue-log/outcome.ts'
import type { QueueLogTail } from '../queue-log/tail.ts'
import type { Batch } from '../records/record.ts'
import type { Sink, SinkKind } from '../sinks/sink.ts'
import { sinkFor } from '../sinks/table.ts'
import { State } from '../state/state.ts'
import { trackingWithState } from '../state/state-stage.ts'
import { EventCounts } from '../status/event-counts.ts'
import { LineCounts } from '../status/line-counts.ts'
import type { MeasuredPbx, PbxCounts } from '../status/metrics.ts'
import { RunningStatus } from '../status/running-status.ts'
import { type AmiParseOptions, amiParse } from '../streams/ami-parse.ts'
import { chain } from '../streams/chain.ts'
import { ErrorLog, type Log } from '../text/log.ts'
import type { Tracking } from '../trackers/tracking.ts'
import { type ConnectValues, connectionSettings, type PbxSecrets, type WantedEvents } from './connect-options.ts'
import { DebugFile } from './debug-file.ts'
import { MemberNamesWatch } from './member-names-watch.ts'
import { memberLines, openCallLines } from './open-calls.ts'
import { asterisksQueueLog, unreadable } from './queue-log-tail.ts'
import { type FlowEnd, StageFlow, type StageFlowParts } from './stage-flow.ts'
import type { TailValues } from './tail-options.ts'

/** What is asked of a PBX that is followed. */
export interface PbxValues extends ConnectValues, TailValues {
  debugfile: string | undefined
  noeventblacklisting: boolean
  /** Whether it is on, or how. */
  hotdesking?: unknown
  queuelog: string | undefined
  state: string | undefined
  standby: boolean
}

/** What a PBX has from the process in which it is followed. */
export interface PbxAround {
  log: Log
  secrets: PbxSecrets
  /** Makes new trackers, of the same kinds and settings each time. */
  create: () => Tracking
  /** Whether somebody asks how many events and lines there were. */
  counts: boolean
  /** Makes what explains its calls, where somebody may ask for that. */
  tap?: ((log: Log) => PbxTap) | undefined
  /** Told of each line, and what became of it. */
  onSettled?: OnSettled | undefined
  /** Where the lines for `--queuelog -` go. */
  output: NodeJS.WritableStream
  /** Where it is one of many in the process. */
  ofMany?: {
    connections: SharedByConnections
    /** So much of the state may wait for a disk that is full: bytes. */
    maxWaitingStateBytes: number
  }
}

/** The state, and what keeps another one from using it. */
interface KeptState {
  state: State
  lastTurn: LastTurnFile
  /** undefined where the process has locked the folder above. */
  lock: LockFile | undefined
}

interface PbxParts {
  flow: StageFlowParts
  sink: Sink
  errors: ErrorLog
  status: RunningStatus
  tracking: Tracking
  counts: PbxCounts | undefined
  tap: PbxTap | undefined
  debugFile: DebugFile | undefined
  kept: KeptState | undefined
}

/**
 * One PBX followed: its connection, the chain behind it, where its lines go, its state, its part in the election, and how
 * it is. Many of them can live in a process, of which none knows anything.
 */
export class FollowedPbx implements MeasuredPbx {
  private readonly parts: PbxParts
  private readonly log: Log
  private flow: StageFlow | undefined
  readonly status: RunningStatus
  readonly tracking: Tracking
  readonly counts: PbxCounts | undefined
  readonly tap: PbxTap | undefined

  private constructor(parts: PbxParts, log: Log) {
    this.parts = parts
    this.log = log
    this.status = parts.status
    this.tracking = parts.tracking
    this.counts = parts.counts
    this.tap = parts.tap
  }

  /**
   * Opens all that is needed, and connects to nothing yet.
   *
   * @throws UsageError if something is missing or contradicts itself
   * @throws FileProblem if a file that is named cannot be used
   * @throws AlreadyRunning if the state is in use
   */
  static async open(values: PbxValues, around: PbxAround): Promise<FollowedPbx> {
    const { log } = around
    const kind = sinkFor(values.queuelog)
    // Only in the queue_log of the server could the lines of two trackers get mixed up.
    const beats = kind.isShared
    const events: WantedEvents['events'] = values.noeventblacklisting ? 'all' : 'tracked'
    const settings = connectionSettings(values, { events, beats }, log, around.secrets)
    const connection = new AmiConnection({ ...settings, shared: around.ofMany?.connections }, log)
    const tail = tailOf(values, kind, around)
    const kept = openState(values, kind, around)
    try {
      return new FollowedPbx(await partsOf(values, around, { kind, connection, tail, kept }), log)
    } catch (error) {
      closeState(kept)
      throw error
    }
  }

  /** Fulfilled once a login has succeeded, or the first one has failed for a reason that may pass. */
  get tried(): Promise<void> {
    return this.parts.flow.connection.tried
  }

  /**
   * Connects, and follows from then on.
   *
   * @returns fulfilled when it can not go on, with what ended it: it is to be stopped then
   */
  start(): Promise<unknown> {
    this.flow = new StageFlow(this.parts.flow)
    return this.flow.ending
  }

  /** What was read goes through, if that does not take long; then it logs off. {@link close} is to be called behind it. */
  async stop(): Promise<FlowEnd> {
    return (await this.flow?.stop()) ?? { failure: undefined, isDrained: true, isLost: false }
  }

  /** Closes all that is open. */
  async close(): Promise<void> {
    const { debugFile, errors, flow, kept } = this.parts
    this.tap?.end()
    // What nobody has looked at waits for nobody any more.
    flow.connection.stream.destroy()
    await debugFile?.end()
    errors.end()
    closeState(kept)
  }

  /** Lets go of what another process would wait for, at once. */
  release(): void {
    this.parts.kept?.lock?.release()
  }

  /** Its files may have been moved away: what follows goes into those that have the names then. */
  async reopen(): Promise<void> {
    this.parts.sink.reopen()
    await this.parts.debugFile?.reopen()
  }

  /** Tells the log of the calls that are open, and how it is. */
  tell(): void {
    const { tracking, status } = this
    const lines = [...openCallLines(tracking.trackers), ...memberLines(tracking.members), status.describe()]
    for (const line of lines) this.log.info(line)
  }
}

/** What a PBX is made of that is open already. */
interface Opened {
  kind: SinkKind
  connection: AmiConnection
  tail: QueueLogTail | undefined
  kept: KeptState | undefined
}

async function partsOf(values: PbxValues, around: PbxAround, opened: Opened): Promise<PbxParts> {
  const { log } = around
  const { kind, connection, tail, kept } = opened
  const { login = '' } = values
  const errors = new ErrorLog(log)
  const state = kept?.state
  const heartbeat = kind.isShared ? new Heartbeat(connection, { login, log, lastTurn: kept?.lastTurn }) : undefined
  // Nobody counts where nobody asks.
  const counts = around.counts ? { events: new EventCounts(), lines: new LineCounts() } : undefined
  const onSettled: OnSettled = (record, outcome) => {
    state?.markSettled(record)
    counts?.lines.count(record, outcome)
    around.onSettled?.(record, outcome)
  }
  const sink = kind.create({
    link: connection,
    login,
    log,
    errors,
    turn: heartbeat,
    learnsEnds: true,
    tail,
    onError: (text) => errors.tell('file', text),
    onMended: () => errors.mended('file'),
    ...(state === undefined ? {} : { onSent: (record) => state.markSent(record) }),
    onSettled,
    output: around.output,
  })
  const status = new RunningStatus(connection, sink, { heartbeat, state })
  const debugFile = values.debugfile === undefined ? undefined : await DebugFile.open(values.debugfile, log)
  const names = namesWatch(values, opened, log)
  await names?.start()
  const tap = around.tap?.(log)
  const parse = {
    more: tap?.more,
    allEvents: values.noeventblacklisting,
    onReport: (report: { kind: string; text: string }) => errors.tell(report.kind, `in the AMI stream: ${report.text}`),
    onEvent: counts && ((event: string) => counts.events.count(event)),
    onBatch: (batch: Batch) => {
      counts?.events.handedOn(batch)
      names?.note(batch)
    },
  }
  const { tracking, stages } = await trackingOf(around, { ...opened, parse, onSettled })
  tap?.attach(tracking)
  tracking.onDue((serverMs) => connection.expectTick(serverMs))
  const flow: StageFlowParts = {
    connection,
    log,
    ...(state === undefined ? {} : { keepsLines: () => state.finish() }),
    stages: [connection.stream, ...(debugFile === undefined ? [] : [debugFile.stage()]), ...stages],
    sink,
    finishReading: () => {
      connection.finishReading()
      heartbeat?.leave()
    },
    ...(values.standby || heartbeat === undefined ? {} : { failed: whenAnotherWrites(heartbeat) }),
  }
  return { flow, sink, errors, status, tracking, counts, tap, debugFile, kept }
}

/** Who finds out whether Asterisk itself logs members in by their names, where that matters and its queue_log can be read. */
function namesWatch({ hotdesking }: PbxValues, { tail, connection }: Opened, log: Log): MemberNamesWatch | undefined {
  if (hotdesking !== true || tail?.kind !== 'file') return undefined
  const file = { path: tail.name, isAsterisks: tail.isStampedByAsterisk }
  return new MemberNamesWatch(file, (value) => connection.state(memberNamesMessage(value)), log)
}

async function whenAnotherWrites(heartbeat: Heartbeat): Promise<never> {
  const { place } = await heartbeat.otherWrites
  throw new Error(
    `another ami-track, on ${place}, already writes the queue_log of this PBX, and --standby is 0. Stop that one, or use --standby 1`,
  )
}

function openState(
  { state: folder, host, port }: PbxValues,
  { isReadable }: SinkKind,
  { log, ofMany }: PbxAround,
): KeptState | undefined {
  if (folder === undefined) return undefined
  if (!isReadable)
    throw new UsageError(
      '--state does not work with stdout, because ami-track cannot know what the reader has read: use --queuelog FILE',
    )
  makeFolder(folder)
  // Of many, the process locks the folder above.
  const lock = ofMany === undefined ? LockFile.take(join(folder, 'lock'), FILES.lock, 0o600) : undefined
  try {
    const state = State.open(folder, log, ofMany && { maxWaitingBytes: ofMany.maxWaitingStateBytes })
    return { state, lastTurn: new LastTurnFile(join(folder, 'turn'), `${host}:${port}`), lock }
  } catch (error) {
    lock?.release()
    throw new FileProblem(error, join(folder, 'journal'), 'the state', { cannotBe: 'read or written' })
  }
}

function closeState(kept: KeptState | undefined): void {
  kept?.state.close()
  kept?.lastTurn.close()
  kept?.lock?.release()
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new FileProblem(error, folder, 'the state folder', { cannotBe: 'created' })
  }
}

async function trackingOf(
  { create, log }: PbxAround,
  { kind, tail, kept, parse, onSettled }: Opened & { parse: AmiParseOptions; onSettled: OnSettled },
): Promise<{ tracking: Tracking; stages: (NodeJS.ReadWriteStream | Transform)[] }> {
  const { stampsTimes } = kind
  // Who stamps lines is Asterisk, which writes the ends of the calls into the same file.
  const write = { keepsTimes: stampsTimes, marksCalls: stampsTimes }
  if (kept === undefined) {
    const tracking = create()
    return { tracking, stages: [chain({ parse, tracking, write })] }
  }
  const { tracking, stage } = await trackingWithState(kept.state, { create, ...write, tail, log, onSettled })
  return { tracking, stages: [amiParse(parse), stage] }
}

/** Where the queue_log can be read back into which the lines go. */
function tailOf(
  values: PbxValues,
  { ownFile, isReadable }: SinkKind,
  { log, secrets }: PbxAround,
): QueueLogTail | undefined {
  if (!isReadable) return undefined
  if (ownFile !== undefined) return new FileTail(ownFile, { isStampedByAsterisk: false })
  const tail = asterisksQueueLog(values, log, secrets)
  // A file was looked at before; it may not have been begun yet.
  if (tail?.kind === 'table') void warnIfUnreadable(tail, log)
  return tail
}

/** Not only when it is needed: what has to be done about it takes its time. */
async function warnIfUnreadable(tail: QueueLogTail, log: Log): Promise<void> {
  const problem = await unreadable(tail)
  if (problem !== undefined) log.warn(problem)
}
