import { startsWith } from '../ami/starts-with.ts'
import type { Log } from '../text/log.ts'
import { OnceLog } from '../text/once-log.ts'
import { ListRequests } from './list-requests.ts'
import type { AmiSession } from './session.ts'
import { FULLY_BOOTED } from './stamping.ts'

/** How long, in ms, time stands still while the lists of the server are awaited. */
const LISTS_MS = 2000
/** If a server takes longer than this to boot, in ms, it is asked anyway, and once more when it has booted. */
const BOOT_MS = 60_000

export interface BootListsOptions {
  /** The manager user, for messages about changes in manager.conf. */
  login: string
  log: Log
  /** The lists are asked for again: called before any item of them. */
  began: () => void
  /**
   * All lists are here. Called before anything after them is read.
   *
   * @param lists the actions whose lists are complete
   * @param serverMs the time on the server: ms since the epoch; undefined if it did not say
   */
  complete: (lists: readonly string[], serverMs: number | undefined) => void
}

/**
 * Asks the server for its lists when it has booted, and again when this is requested. Before the boot is done, the
 * server has no queues and no parking lots, and answers that it does not know these actions (16.28, 22.10).
 *
 * A user with `system` in `read` gets FullyBooted: right after the answer to the login, or when the boot is done.
 * Before it came once, nobody knows whether the user has this privilege. So the first time the lists are asked for at
 * once, and once more if FullyBooted comes after one of their answers. From then on the lists wait for FullyBooted.
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

  /**
   * Whether time must not pass yet, because nobody knows what has ended before. (A server that does not answer cannot
   * stop it.)
   */
  get areAwaited(): boolean {
    return this.waiting !== undefined || (this.requests !== undefined && performance.now() - this.askedAt < LISTS_MS)
  }

  /** Whether the server is known to be still booting. */
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

  /** The session was logged in without events, and they are on now. */
  askNow(session: AmiSession): void {
    this.session = session
    this.ask(session)
  }

  /**
   * Something was missed: everything that is known so far, also from lists that are on their way, may have changed.
   *
   * @returns whether the lists are asked for again; false if this session has not asked for them yet
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
   * @returns whether it is an item of our lists
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
