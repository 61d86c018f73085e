import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { AmiConnection } from '../connection/connection.ts'
import type { Sink } from '../sinks/sink.ts'
import type { Log } from '../text/log.ts'

/** How long what is in flight may take at the end, in ms: with the Logoff, a stop takes less than 2 s. */
const FINISH_MS = 1200
/** So many lines that could not be written are told; of more, the number. */
const LINES_TOLD = 100

/** What flows from a connection to where it is written. */
export interface StageFlowParts {
  connection: AmiConnection
  log: Log
  /** Asked at the end: whether lines that are not written are really kept for the next start. */
  keepsLines?: () => boolean
  /** From the source to the last stage before {@link sink}. */
  stages: readonly (NodeJS.ReadableStream | NodeJS.ReadWriteStream)[]
  /** What is written last: lines, or the bytes of a stream. */
  sink: Pick<Sink, 'streams'> & Partial<Sink>
  /** Ends the source, so that what it has read goes through. */
  finishReading: () => void
  /** Rejected when it is to end for another reason. */
  failed?: Promise<never>
}

/** How a flow ended. */
export interface FlowEnd {
  /** What ended it; undefined if it came to its end, or was told to stop. */
  failure: unknown
  /** Whether everything went through: if not, somebody does not let go of a stream. */
  isDrained: boolean
  /** Whether anything was lost for certain; it is told in the log. */
  isLost: boolean
}

/** A connection, and the stages from it to where is written, at work from its making to {@link stop}. */
export class StageFlow {
  private readonly parts: StageFlowParts
  private readonly connected: Promise<void>
  private readonly flowing: Promise<void>
  private failure: unknown
  private isDrained = false

  /** Fulfilled when nothing more can flow, with what ended it: it is to be stopped then. */
  readonly ending: Promise<unknown>

  constructor(parts: StageFlowParts) {
    const { connection, stages, sink, failed } = parts
    this.parts = parts
    const fail = (error: unknown): void => {
      this.failure ??= error
    }
    this.connected = connection.run().catch(fail)
    this.flowing = pipeline([...stages, ...sink.streams] as unknown as [NodeJS.ReadableStream, NodeJS.WritableStream])
      .then(() => {
        this.isDrained = true
      })
      .catch(fail)
    const ended = Promise.race([this.flowing, this.connected, ...(failed ? [failed.catch(fail)] : [])])
    this.ending = ended.then(() => this.failure)
  }

  /** What was read goes through, if that does not take long; then it logs off. */
  async stop(): Promise<FlowEnd> {
    const { connection, finishReading } = this.parts
    finishReading()
    // Where a login is refused, no line will ever be taken.
    const patienceMs = this.failure === undefined ? FINISH_MS : 0
    await Promise.race([this.flowing, sleep(patienceMs, undefined, { ref: false })])
    await connection.close()
    await this.connected
    const { failure, isDrained } = this
    const isLost = tellUnwritten(this.parts, isDrained || failure !== undefined)
    return { failure, isDrained, isLost }
  }
}

/** What could not be written in time is at least told. True if anything was lost for certain. */
function tellUnwritten({ connection, log, sink, keepsLines }: StageFlowParts, isDrained: boolean): boolean {
  const { unwritten = [], unanswered = [] } = sink
  const { depth } = connection.stream
  if (keepsLines?.() === true) {
    if (unwritten.length > 0)
      log.warn(`${unwritten.length} queue_log lines are in the state and are written after the next start`)
    if (!isDrained && depth > 0) log.error(`stopped before ami-track read the last ${depth} bytes of events`)
    return !isDrained && depth > 0
  }
  for (const line of unanswered.slice(0, LINES_TOLD)) {
    log.warn(`stopped before Asterisk answered, so it is unknown whether it wrote ${line.trimEnd()}`)
  }
  for (const line of unwritten.slice(0, LINES_TOLD)) {
    log.error(`stopped before ami-track could write this line: ${line.trimEnd()}`)
  }
  const more = unwritten.length - LINES_TOLD
  if (more > 0) log.error(`stopped before ami-track could write ${more} more lines`)
  if (isDrained) return unwritten.length > 0
  const isStuck = sink.unwritten === undefined
  if (isStuck) log.error('stopped before ami-track could write everything: no program reads the output')
  if (depth > 0) log.error(`stopped before ami-track read the last ${depth} bytes of events`)
  return unwritten.length > 0 || isStuck || depth > 0
}
