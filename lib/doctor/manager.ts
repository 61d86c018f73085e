import type { ActionHeaders } from '../ami/action.ts'
import { decodeHeaders } from '../ami/decode.ts'
import { type AmiMessage, HeaderMessage } from '../ami/message.ts'
import { isDenial, isUnknown } from '../ami/privileges.ts'
import { AmiSession, type SessionListener, type SessionSettings } from '../connection/session.ts'
import type { Answer } from './facts.ts'

/** How long an answer may take, in ms: one that takes longer never comes. */
const ANSWER_MS = 5000
/** How long all of them may take together, in ms. */
const SESSION_MS = 20_000
/** A PBX with more of anything is not listed to its end. */
const MAX_ITEMS = 20_000

export interface Reply {
  readonly answer: Answer
  /** undefined if it is {@link Answer} `unanswered`. */
  readonly response: AmiMessage | undefined
}

export interface ListReply extends Reply {
  /** What the list has, without its end. */
  readonly items: readonly AmiMessage[]
}

/** A session on Asterisk's manager in which questions are asked, one after the other, each with an end. */
export class Manager implements SessionListener {
  private readonly session: AmiSession
  private readonly listeners: ((event: string) => void)[] = []
  /** The items of the lists that are awaited, by their ActionIDs. */
  private readonly lists = new Map<string, { items: AmiMessage[]; end: () => void }>()
  private readonly endsAt = performance.now() + SESSION_MS
  private silence: string | undefined

  constructor(settings: SessionSettings) {
    this.session = new AmiSession(settings, this)
    void this.session.ended.then(({ message }) => {
      this.silence ??= message
      for (const { end } of this.lists.values()) end()
    })
  }

  /**
   * Connects and logs in.
   *
   * @throws ConnectionError if there is no session
   */
  open(): Promise<void> {
    return this.session.open(new AbortController().signal)
  }

  /** `Asterisk Call Manager/11.0.0`; empty while there was none. */
  get banner(): string {
    return this.session.banner
  }

  /** Why nothing is answered any more. */
  get lost(): string | undefined {
    return this.silence
  }

  /** Calls back for each event, with its text as a byte string. */
  onEvent(listener: (event: string) => void): void {
    this.listeners.push(listener)
  }

  /** Asks something, and waits for the response. After one that never came, none is waited for. */
  async ask(name: string, headers: ActionHeaders = []): Promise<Reply> {
    const response = await this.within(
      name,
      new Promise<AmiMessage | undefined>((resolve) => {
        this.session.send(name, headers, { answered: resolve, lost: () => resolve(undefined), isShown: false })
      }),
    )
    return { answer: answerOf(response), response }
  }

  /** The same of an action after whose response a list comes. */
  async list(name: string, headers: ActionHeaders = []): Promise<ListReply> {
    const items: AmiMessage[] = []
    let actionId = ''
    const response = await this.within(
      name,
      new Promise<AmiMessage | undefined>((resolve) => {
        let response: AmiMessage | undefined
        const end = (): void => resolve(response)
        const answered = (message: AmiMessage): void => {
          response = message
          if (message.get('Response') === 'Error') end()
        }
        actionId = this.session.send(name, headers, { answered, lost: end, isShown: false })
        this.lists.set(actionId, { items, end })
      }),
    )
    this.lists.delete(actionId)
    return { answer: answerOf(response), response, items }
  }

  /**
   * The value of a variable or function of the dialplan. It is empty also if there is no such function.
   *
   * @returns undefined if it may not be asked for, or got no answer
   */
  async variable(name: string): Promise<string | undefined> {
    return (await this.ask('Getvar', [['Variable', name]])).response?.get('Value')
  }

  async close(): Promise<void> {
    await this.session.logOff()
  }

  private async within<T>(name: string, answer: Promise<T | undefined>): Promise<T | undefined> {
    if (this.silence !== undefined) return undefined
    let timeout: NodeJS.Timeout | undefined
    const late = new Promise<undefined>((resolve) => {
      timeout = setTimeout(
        () => {
          this.silence ??= `Asterisk did not answer ${name} in time`
          resolve(undefined)
        },
        Math.min(ANSWER_MS, this.endsAt - performance.now()),
      )
    })
    return Promise.race([answer, late]).finally(() => clearTimeout(timeout))
  }

  // ---- what arrives

  onBanner(): void {}

  onArrivalEnd(): void {}

  onGap(): void {}

  onProblem(): void {}

  onMessage(bytes: Buffer, start: number, end: number): void {
    const text = bytes.toString('latin1', start, end)
    if (!text.startsWith('Event: ')) return
    const actionId = /\r\nActionID: (\S*)/.exec(text)?.[1] ?? ''
    const list = this.lists.get(actionId)
    if (list === undefined) for (const listener of this.listeners) listener(text)
    else if (/^Event: \w+Complete\r\n/.test(text)) list.end()
    else if (list.items.length < MAX_ITEMS) list.items.push(messageOf(text))
  }
}

/** @param text an event without its empty line, as a byte string */
export function messageOf(text: string): AmiMessage {
  return new HeaderMessage(decodeHeaders(text, '\r\n'))
}

function answerOf(response: AmiMessage | undefined): Answer {
  if (response === undefined) return 'unanswered'
  if (response.get('Response') !== 'Error') return 'permitted'
  const message = response.get('Message') ?? ''
  if (isDenial(message)) return 'denied'
  // Any other error is one of what was asked, not of who asks.
  return isUnknown(message) ? 'unknown' : 'permitted'
}
