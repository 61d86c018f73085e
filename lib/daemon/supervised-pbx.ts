import { setTimeout as sleep } from 'node:timers/promises'
import { BackOff } from '../connection/back-off.ts'
import type { Turns } from '../connection/turns.ts'
import type { LookedAtPbx } from '../live/pbx-status.ts'
import type { Trouble } from '../status/running-status.ts'
import { ErrorLog, type Log } from '../text/log.ts'
import { isHopeless } from './exit-code.ts'
import { FollowedPbx, type PbxAround, type PbxValues } from './followed-pbx.ts'
import type { FlowEnd } from './stage-flow.ts'

/** What a PBX is to be followed with. */
export interface WantedPbx extends Pick<PbxAround, 'secrets' | 'create'> {
  values: PbxValues
}

/** A PBX that is to be followed, and how: or why that is not possible. */
export interface AskedPbx {
  /** That of its settings file. */
  readonly name: string
  /** The same for the same settings. */
  readonly print: string
  readonly wanted: WantedPbx | { readonly fault: string }
}

/** What it has from its process. */
export interface SupervisedAround extends Omit<PbxAround, 'secrets' | 'create'> {
  /** Waits until it may open what it needs: a thousand at once would keep all others waiting. */
  turn: Turns['next']
}

/**
 * One PBX of many in a process: it is followed for as long as it is asked for. What ends the following is told, and it is
 * begun anew after a while, unless that will never work: then it is given up until somebody asks again.
 */
export class SupervisedPbx implements LookedAtPbx {
  private readonly around: SupervisedAround
  private readonly log: Log
  private readonly errors: ErrorLog
  private asked: AskedPbx | undefined
  /** Ends the following, or the wait for it, that is going on. */
  private round = new AbortController()
  private tellTried: () => void = () => {}
  readonly name: string
  followed: FollowedPbx | undefined
  isGivenUp = false
  /** Whether it has come to its end. */
  isOver = false
  /** Why it is not followed just now. */
  private hindrance: string | undefined
  /** Fulfilled once its first login has succeeded, or failed. */
  readonly tried = new Promise<void>((resolve) => {
    this.tellTried = resolve
  })
  /** How the last following of it ended, once it is asked for no more. */
  readonly ended: Promise<FlowEnd>

  constructor(asked: AskedPbx, around: SupervisedAround) {
    this.around = around
    this.log = around.log
    this.errors = new ErrorLog(around.log)
    this.name = asked.name
    this.asked = asked
    this.ended = this.run()
  }

  /** That of the settings it is followed with. */
  get print(): string | undefined {
    return this.asked?.print
  }

  /** What is wrong; undefined if nothing is. */
  get trouble(): Trouble | undefined {
    if (this.followed !== undefined) return this.followed.status.trouble
    const { hindrance } = this
    if (this.isGivenUp) {
      const remedy = 'Correct its settings, then send SIGHUP. ami-track validate shows what is wrong.'
      return { text: `ami-track does not follow it, because of a permanent error: ${hindrance}`, remedy }
    }
    const text = `ami-track does not follow it at the moment${hindrance === undefined ? '.' : `: ${hindrance}`}`
    return { text, remedy: 'Nothing to do: ami-track tries again.' }
  }

  /** Follows it with other settings, or tries again with the same. */
  ask(asked: AskedPbx): void {
    this.asked = asked
    this.round.abort()
  }

  /** It is asked for no more. */
  end(): void {
    this.asked = undefined
    this.round.abort()
  }

  /** Its files may have been moved away. */
  async reopen(): Promise<void> {
    await this.followed?.reopen()
  }

  /** Tells the log how it is. */
  tell(): void {
    if (this.followed === undefined) this.log.info(this.trouble?.text ?? '')
    else this.followed.tell()
  }

  private async run(): Promise<FlowEnd> {
    const backOff = new BackOff()
    let end = NOTHING
    for (let { asked } = this; asked !== undefined; asked = this.asked) {
      this.round = new AbortController()
      const { signal } = this.round
      const began = performance.now()
      try {
        end = await this.follow(asked.wanted, signal)
        if (signal.aborted) continue
        throw end.failure ?? new Error('the stream of events ended')
      } catch (error) {
        backOff.sessionEnded(performance.now() - began)
        await this.failed(error as Error, backOff, signal)
      }
    }
    this.isOver = true
    this.errors.end()
    return end
  }

  /** Follows it until that ends, or is to end. */
  private async follow(wanted: AskedPbx['wanted'], signal: AbortSignal): Promise<FlowEnd> {
    if ('fault' in wanted) throw new HopelessSettings(wanted.fault)
    await this.around.turn(signal)
    if (signal.aborted) return NOTHING
    const { values, ...others } = wanted
    const pbx = await FollowedPbx.open(values, { ...this.around, ...others })
    this.followed = pbx
    this.isGivenUp = false
    this.hindrance = undefined
    void pbx.tried.then(() => {
      this.tellTried()
      this.errors.mended('')
    })
    try {
      await Promise.race([pbx.start(), whenAborted(signal)])
      return await pbx.stop()
    } finally {
      this.followed = undefined
      await pbx.close()
    }
  }

  private async failed(error: Error, backOff: BackOff, signal: AbortSignal): Promise<void> {
    this.hindrance = error.message
    this.isGivenUp = error instanceof HopelessSettings || isHopeless(error)
    this.tellTried()
    if (this.isGivenUp) {
      this.errors.mended('')
      this.log.error(`permanent error, ami-track does not try again until SIGHUP or new settings: ${error.message}`)
      await whenAborted(signal)
      this.isGivenUp = false
    } else {
      this.errors.tell(`failed: ${error.message}`, `cannot follow it at the moment, trying again: ${error.message}`)
      await sleep(backOff.next(), undefined, { signal }).catch(() => {})
    }
  }
}

/** How what never began has ended. */
const NOTHING: FlowEnd = { failure: undefined, isDrained: true, isLost: false }

/** Settings with which a PBX cannot be followed. */
class HopelessSettings extends Error {}

function whenAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
