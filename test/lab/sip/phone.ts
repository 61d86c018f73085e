import { createSocket, type Socket } from 'node:dgram'
import { within } from '../patience.ts'
import { PhoneHolds } from '../phone-holds.ts'
import { Audio, type Sound, silence } from './audio.ts'
import { Call } from './call.ts'
import { copiedHeaders } from './dialog.ts'
import { formatSip, headerOf, parseSip, type SipMessage } from './message.ts'

export interface PhoneOptions {
  user: string
  /** 0: any free port, for a caller from outside. */
  port: number
  /** The SIP port of Asterisk. */
  server: number
  /** Whether there is no audio in its calls. */
  isSilent?: boolean
  /** Of the flow to which the phone belongs. */
  holds?: PhoneHolds
  /** For how many seconds it waits when it is told that a transfer worked, before it hangs up: 0. */
  hesitation?: number
}

/** How a phone takes calls: after so many seconds, not at all, or with a refusal. */
export type Manner = { answerAfter: number } | 'let it ring' | { reject: number; after: number }

/** A SIP phone over UDP on the loopback interface, with a person at it who does what a flow says. */
export class Phone {
  private readonly options: PhoneOptions
  private readonly socket: Socket
  private readonly calls = new Map<string, Call>()
  private readonly rung: Call[] = []
  private readonly taken: Call[] = []
  private wakers: (() => void)[] = []
  private isClosed = false

  manner: Manner = { answerAfter: 0.4 }

  private constructor(options: PhoneOptions, socket: Socket) {
    this.options = options
    this.socket = socket
    socket.on('message', (bytes) => void this.receive(bytes.toString()))
  }

  static async open(options: PhoneOptions): Promise<Phone> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(options.port, '127.0.0.1', resolve)
    })
    return new Phone(options, socket)
  }

  get user(): string {
    return this.options.user
  }

  /** Dials, and waits for nothing. */
  async dial(exten: string): Promise<Call> {
    const call = Call.to(this.line, await this.sound(), exten)
    this.calls.set(call.callId, call)
    return call
  }

  /** Dials, and waits until the other side picks up. */
  async call(exten: string): Promise<Call> {
    const call = await this.dial(exten)
    await call.answered()
    return call
  }

  /** The next call that rings here; each is given once. */
  ringing(): Promise<Call> {
    return this.next(this.rung, 'a call to ring at')
  }

  /** The next call that was picked up here; each is given once. */
  incoming(): Promise<Call> {
    return this.next(this.taken, 'a call to be answered by')
  }

  /** Hangs up whatever is left. */
  async close(): Promise<void> {
    await Promise.allSettled([...this.calls.values()].map((call) => call.hangUp()))
    this.shut()
  }

  /** Falls silent at once. */
  abandon(): void {
    for (const call of this.calls.values()) call.abandon()
    this.shut()
  }

  /** A call may have come while the others were ended: nobody is there any more to answer it. */
  private shut(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.socket.close()
  }

  private async sound(): Promise<Sound> {
    return this.options.isSilent === true ? silence : Audio.open()
  }

  private async next(calls: Call[], what: string): Promise<Call> {
    const waiting = async (): Promise<Call> => {
      for (;;) {
        const call = calls.shift()
        if (call !== undefined) return call
        await new Promise<void>((resolve) => this.wakers.push(resolve))
      }
    }
    return within(waiting(), `${what} ${this.user}`)
  }

  private get line() {
    const { user, server, holds = new PhoneHolds(), hesitation = 0 } = this.options
    return {
      user,
      server,
      holds,
      hesitation,
      port: this.socket.address().port,
      send: (text: string) => this.send(text),
    }
  }

  private send(text: string): void {
    if (!this.isClosed) this.socket.send(text, this.options.server, '127.0.0.1')
  }

  private async receive(text: string): Promise<void> {
    const message = parseSip(text)
    if (message === undefined) return
    const call = this.calls.get(headerOf(message, 'call-id'))
    if (call !== undefined) call.receive(message)
    else if (message.method === 'INVITE' && message.status === 0) await this.ring(message)
    else if (message.status === 0 && message.method !== 'ACK') this.refuse(message)
  }

  private async ring(invitation: SipMessage): Promise<void> {
    const audio = await this.sound()
    const call = Call.from(this.line, audio, invitation)
    this.calls.set(call.callId, call)
    this.rung.push(call)
    const { manner } = this
    if (manner !== 'let it ring') {
      const after = 'answerAfter' in manner ? manner.answerAfter : manner.after
      setTimeout(() => this.take(call, manner), after * 1000)
    }
    this.wake()
  }

  private take(call: Call, manner: Exclude<Manner, string>): void {
    if (call.isOver) return
    if ('reject' in manner) {
      call.reject(manner.reject)
      return
    }
    call.answer()
    this.taken.push(call)
    this.wake()
  }

  private wake(): void {
    const { wakers } = this
    this.wakers = []
    for (const wake of wakers) wake()
  }

  /** OPTIONS and the like are fine; a request of a call that is not known here is answered so. */
  private refuse(request: SipMessage): void {
    this.send(
      formatSip(request.method === 'OPTIONS' ? 'SIP/2.0 200 OK' : 'SIP/2.0 481 No Such Call', copiedHeaders(request)),
    )
  }
}
