import { describedEvents } from '../explain/describe.ts'
import { Tap, type TapRow, type TapSelection } from '../explain/tap.ts'
import type { MoreEvents } from '../streams/ami-parse.ts'
import type { Log } from '../text/log.ts'
import type { Tracking } from '../trackers/tracking.ts'

/** Explains the calls of a PBX while they happen. While nobody listens nothing is done. */
export class PbxTap {
  private readonly log: Log
  /** Of those who listen: told why nothing is told any more. */
  private readonly ends = new Set<(why: string) => void>()
  private tracking: Tracking | undefined
  private tap: Tap | undefined

  /** The events that are read besides those of the trackers. */
  readonly more: MoreEvents = { events: describedEvents, isWanted: () => this.tap !== undefined }

  constructor(log: Log) {
    this.log = log
  }

  /** @param tracking the trackers at work */
  attach(tracking: Tracking): void {
    this.tracking = tracking
  }

  /**
   * Tells of the calls that are selected from now on.
   *
   * @param onEnd told why nothing is told any more
   * @returns ends that
   */
  listen(selection: TapSelection, onRow: (row: TapRow) => void, onEnd: (why: string) => void): () => void {
    const tap = this.tap ?? this.begin()
    const end = tap.listen(selection, onRow)
    this.ends.add(onEnd)
    return () => {
      end()
      this.ends.delete(onEnd)
      if (tap.size === 0) this.stop()
    }
  }

  /** The PBX is not followed any more. */
  end(why = 'ami-track does not follow this PBX at the moment'): void {
    for (const end of [...this.ends]) end(why)
    this.stop()
  }

  private begin(): Tap {
    const { tracking } = this
    if (tracking === undefined) throw new TypeError('there are no trackers yet')
    const tap = new Tap(tracking)
    this.tap = tap
    tracking.onPassed = (message, out) => {
      try {
        tap.read(message, out)
      } catch (error) {
        // Whatever goes wrong for those who tap, the lines go on.
        this.log.error(`ami-track tap cannot explain calls any more: ${(error as Error).message}`)
        this.end('the daemon cannot explain these calls: see its log for the reason')
      }
    }
    return tap
  }

  private stop(): void {
    if (this.tracking !== undefined) this.tracking.onPassed = undefined
    this.tap?.stop()
    this.tap = undefined
  }
}
