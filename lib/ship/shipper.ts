import { setTimeout as sleep } from 'node:timers/promises'
import { BackOff } from '../connection/back-off.ts'
import { Hopeless } from '../text/exit.ts'
import type { Log } from '../text/log.ts'
import { CAUGHT_UP, type Position, type Sink, type Source, StandBy } from './flow.ts'

/** Whoever stands by looks so often whether the other one is gone: ms. */
const STAND_BY_MS = 2000
/** The same trouble is told again after so long: ms. */
const TELL_AGAIN_MS = 300_000

/** What a shipper says of itself. */
export interface ShipStatus {
  lines: number
  /** How often it began anew after an error. */
  retries: number
  position: Position | undefined
  /** What is left in the source: bytes or messages; undefined until that is known. */
  unread: number | undefined
  /** The time of the last line: seconds since the epoch. */
  lastTime: number | undefined
  /** Why it does not ship just now: a sentence for a person. */
  problem: string | undefined
}

export interface ShipperOptions {
  readonly source: Source
  readonly sink: Sink
  readonly signal: AbortSignal
  readonly log: Log
  /** Whether the first error ends it: somebody else calls it again. */
  readonly once: boolean
  /** Whether an error with which it would never work is one. */
  readonly isHopeless: (error: unknown) => boolean
  /** Told that all that there was is shipped. */
  readonly onCaughtUp?: () => void
  /** Told after each batch how much is left. */
  readonly onBatch?: (unread: number) => void
  readonly backOff?: BackOff
}

/**
 * Brings lines from a source to a sink. It remembers nothing: after any error it asks the sink where it is, and goes on there. So
 * it makes no difference where it was stopped.
 */
export class Shipper {
  readonly status: ShipStatus = {
    lines: 0,
    retries: 0,
    position: undefined,
    unread: undefined,
    lastTime: undefined,
    problem: undefined,
  }
  private readonly options: ShipperOptions
  private readonly backOff: BackOff
  private hasShipped = false
  private isStandingBy = false
  private told = { text: '', at: 0 }

  constructor(options: ShipperOptions) {
    this.options = options
    this.backOff = options.backOff ?? new BackOff()
  }

  /** By how much the sink is behind, in s: the age of the last line while there are more. */
  lag(now: number): number | undefined {
    const { unread, lastTime } = this.status
    if (unread === undefined) return undefined
    return unread === 0 || lastTime === undefined ? 0 : Math.max(0, now - lastTime)
  }

  /** @throws Error that ends it: {@link Hopeless}, or any with `once` */
  async run(): Promise<void> {
    const { signal, once } = this.options
    while (!signal.aborted) {
      const began = performance.now()
      try {
        await this.session()
        return
      } catch (error) {
        if (signal.aborted) return
        const { message } = error as Error
        if (!this.hasShipped && this.options.isHopeless(error)) throw new Hopeless(message)
        if (once || error instanceof Hopeless) throw error
        await this.wait(error as Error, performance.now() - began)
      }
    }
  }

  private async session(): Promise<void> {
    const { source, sink, signal } = this.options
    try {
      const after = await sink.open()
      this.mended()
      this.status.position = after
      for await (const batch of source.read(after, signal)) {
        if (batch === CAUGHT_UP) {
          this.status.unread = 0
          this.options.onCaughtUp?.()
          continue
        }
        await sink.write(batch)
        await source.acknowledge(batch)
        this.hasShipped = true
        this.status.position = batch.to
        this.status.unread = batch.unread
        this.options.onBatch?.(batch.unread)
        this.status.lines += batch.lines.length
        const last = batch.lines.findLast(({ fields }) => fields !== undefined)
        this.status.lastTime = last?.fields?.time ?? this.status.lastTime
      }
    } finally {
      await sink.close().catch(() => {})
    }
  }

  private async wait(error: Error, lasted: number): Promise<void> {
    const { log, signal } = this.options
    const now = performance.now()
    if (error.message !== this.told.text || now - this.told.at > TELL_AGAIN_MS) {
      if (error instanceof StandBy) log.info(error.message)
      else log.warn(`${error.message}; trying again`)
      this.told = { text: error.message, at: now }
    }
    this.status.problem = error.message
    this.isStandingBy = error instanceof StandBy
    this.backOff.sessionEnded(lasted)
    if (!(error instanceof StandBy)) this.status.retries++
    const ms = error instanceof StandBy ? STAND_BY_MS * (0.5 + Math.random()) : this.backOff.next()
    await sleep(ms, undefined, { signal }).catch(() => {})
  }

  private mended(): void {
    if (this.status.problem !== undefined && !this.isStandingBy) {
      this.options.log.info(`shipping to ${this.options.sink.name}`)
    }
    this.status.problem = undefined
    // Of two on one stream each stands by now and then: that is told once.
    if (!this.isStandingBy) this.told = { text: '', at: 0 }
  }
}
