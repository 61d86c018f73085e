import { startsWith } from '../ami/starts-with.ts'
import type { Log } from '../text/log.ts'
import { OnceLog } from '../text/once-log.ts'
import { ListRequests } from './list-requests.ts'
import type { AmiSession } from './session.ts'
import { FULLY_BOOTED } from './stamping.ts'

/** So long, in ms, the lists of the server are waited for before time passes again. */
const LISTS_MS = 2000
/** A server that takes longer than this to boot, in ms, is asked all the same, and once more when it has booted. */
const BOOT_MS = 60_000

export interface BootListsOptions {
  /** The manager user, to name it where something has to be changed in manager.conf. */
  login: string
  log: Log
  /** What follows is asked for anew: called before any of it. */
  began: () => void
  /**
   * All lists are here, and this is called before anything behind them is read.
   *
   * @param lists the actions of which the lists are whole
   * @param serverMs what time it is on the server: ms since the epoch; undefined if it did not say
   */
  complete: (lists: readonly string[], serverMs: number | undefined) => void
}

/**
 * Asks the server for its lists once it has booted, and again when somebody wants that: before that it has no queues and no
 * parking lots yet, and answers that it does not know these actions (16.28, 22.10).
 *
 * A user with `system` in `read` is told by FullyBooted: right behind the answer to the login, or when the boot is done.
 * Whether a user has that is not known before it came once. So the first time the lists are asked for at once, and once more if
 * FullyBooted comes behind an answer of theirs; from then on it is waited for.
 */
export class BootLists {
  private readonly options: BootListsOptions
  private readonly refusals: OnceLog
  /** The session that is logged in. */
  private session: AmiSession | undefined
  private requests: ListRequests | undefined
  private waiting: NodeJS.Timeout | undefined
  /** ms of performance.now() */
  private askedAt = 0
  private isBooted = false
  private isAnswered = false
  private asksAgain = false
  /** Whether a session of this user has shown FullyBooted. */
  private seesBoots = false

  constructor(options: BootListsOptions) {
    this.options = options
    this.refusals = new OnceLog(options.log)
  }

  /** Whether time must not pass yet, as nobody knows what ended before it. (A server that does not answer cannot stop it.) */
  get areAwaited(): boolean {
    return this.waiting !== undefined || (this.requests !== undefined && performance.now() - this.askedAt < LISTS_MS)
  }

  /** Whether the server is known to be booting still. */
  get isBooting(): boolean {
    return this.waiting !== undefined
  }

  /** Another session begins. */
  reset(): void {
    clearTimeout(this.waiting)
    this.waiting = undefined
    this.session = undefined
    this.requests = undefined
    this.isBooted = false
    this.asksAgain = false
  }

  /** The session is logged in, and events are on. */
  askWhenBooted(session: AmiSession): void {
    this.session = session
    if (this.isBooted || !this.seesBoots) {
      this.ask(session)
      return
    }
    this.waiting = setTimeout(() => {
      this.seesBoots = false
      this.ask(session)
    }, BOOT_MS).unref()
  }

  /** Events of a session that was logged in without them are on. */
  askNow(session: AmiSession): void {
    this.session = session
    this.ask(session)
  }

  /**
   * Something was missed: what was told so far, also by lists that are on their way, may have changed since.
   *
   * @returns whether they are asked for again; false if they are not yet asked for in this session
   */
  askAgain(): boolean {
    const { session } = this
    if (session?.isUp !== true || this.waiting !== undefined) return false
    if (this.requests === undefined) this.askAnew(session)
    else this.asksAgain = true
    return true
  }

  /**
   * Watches a message that arrives.
   *
   * @returns whether it is an item of a list of ours
   */
  onMessage(bytes: Buffer, start: number, end: number): boolean {
    if (startsWith(bytes, start, end, FULLY_BOOTED)) this.booted()
    return this.requests?.onMessage(bytes, start, end) === true
  }

  private booted(): void {
    this.seesBoots = true
    this.isBooted = true
    const { session } = this
    if (session === undefined) return
    if (this.waiting !== undefined) this.ask(session)
    else if (this.requests === undefined) this.askAnew(session)
    else if (this.isAnswered) this.asksAgain = true
  }

  private askAnew(session: AmiSession): void {
    this.options.began()
    this.ask(session)
  }

  private ask(session: AmiSession): void {
    clearTimeout(this.waiting)
    this.waiting = undefined
    this.askedAt = performance.now()
    this.isAnswered = false
    this.asksAgain = false
    const { login } = this.options
    this.requests = new ListRequests(
      {
        send: (name, headers, isShown, answered, lost = () => {}) => {
          const told: typeof answered = (response) => {
            this.isAnswered = true
            answered(response)
          }
          return session.send(name, headers, { answered: told, lost, isShown })
        },
        refused: (kind, text) => this.refusals.warn(kind, text),
        complete: (lists, serverMs) => {
          this.options.complete(lists, serverMs)
          this.ended(session)
        },
        lost: () => this.ended(session),
      },
      login,
    )
  }

  private ended(session: AmiSession): void {
    if (session !== this.session || !session.isUp) return
    this.requests = undefined
    if (this.asksAgain) this.askAnew(session)
  }
}
