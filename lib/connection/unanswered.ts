import type { AmiMessage } from '../ami/message.ts'
import { ConnectionError } from './errors.ts'

/** If this many actions have no answer, the server will never answer the first ones. */
const MOST = 50_000

export interface Request {
  /** Called before anything after the response is read. */
  answered: (response: AmiMessage) => void
  lost: (error: ConnectionError) => void
  /** Whether the response is passed on as a message, too. */
  isShown: boolean
}

interface Sent {
  readonly request: Request
  readonly name: string
  /** ms of performance.now() */
  readonly sentAt: number
  /** Whether the server is known to have stopped doing actions before this one was sent. */
  isTooLate: boolean
}

/** The actions without an answer, in the order in which they were sent. A proxy may swallow some of them. */
export class Unanswered {
  private readonly sent = new Map<string, Sent>()
  private readonly longestMs: number
  private readonly most: number
  private readonly now: () => number
  private isTooLate = false

  /**
   * @param longestMs how long to wait for an answer
   * @param most for how many actions
   * @param now ms of a clock that nobody sets
   */
  constructor(longestMs: number, most = MOST, now: () => number = () => performance.now()) {
    this.longestMs = longestMs
    this.most = most
    this.now = now
  }

  get size(): number {
    return this.sent.size
  }

  add(actionId: string, name: string, request: Request): void {
    this.giveUpOld()
    if (this.sent.size >= this.most) this.giveUpFirst(`${this.most} further actions were sent`)
    this.sent.set(actionId, { request, name, sentAt: this.now(), isTooLate: this.isTooLate })
  }

  /**
   * Takes out the action that a response answers.
   *
   * @param actionId undefined if the response has none: then it is the oldest action, because answers come in the order
   * of the actions
   * @param isDone whether the server still does actions, as the response shows
   */
  take(actionId: string | undefined, isDone = true): Request | undefined {
    const id = actionId ?? this.sent.keys().next().value ?? ''
    const sent = this.sent.get(id)
    this.sent.delete(id)
    if (sent?.isTooLate === true && isDone) this.goOn()
    return sent?.request
  }

  /** The server does not do any action that is sent from now on. */
  closeDown(): void {
    this.isTooLate = true
  }

  /** The server does actions after all. */
  private goOn(): void {
    this.isTooLate = false
    for (const sent of this.sent.values()) sent.isTooLate = false
  }

  /** Gives up the actions that were sent too long ago. */
  giveUpOld(): void {
    for (const { sentAt } of this.sent.values()) {
      if (this.now() - sentAt < this.longestMs) return
      this.giveUpFirst(`${this.longestMs / 1000} s passed`)
    }
  }

  /**
   * The connection has ended.
   *
   * @param refusal what the server would have answered to actions that were sent too late
   */
  loseAll(reason: ConnectionError, refusal: AmiMessage): void {
    const all = [...this.sent.values()]
    this.sent.clear()
    for (const { request, isTooLate } of all) {
      if (isTooLate) request.answered(refusal)
      else request.lost(reason)
    }
  }

  /** None of them will be done: this response to the action before them says so. */
  refuseAll(refusal: AmiMessage): void {
    const all = [...this.sent.values()]
    this.sent.clear()
    for (const { request } of all) request.answered(refusal)
  }

  private giveUpFirst(meanwhile: string): void {
    for (const [actionId, { request, name }] of this.sent) {
      this.sent.delete(actionId)
      request.lost(new ConnectionError('passing', `Asterisk did not answer ${name} before ${meanwhile}`))
      return
    }
  }
}
