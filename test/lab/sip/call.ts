import { PATIENCE_MS, seconds, within } from '../patience.ts'
import type { PhoneHolds } from '../phone-holds.ts'
import { audioPortOf, type Direction, type Sound, sessionDescription } from './audio.ts'
import { Dialog, type DialogLine, type Headers, newBranch } from './dialog.ts'
import { headerOf, type SipMessage } from './message.ts'

/** How long a key is held down, and how long until the next one: ms. */
const KEY_MS = 120
const BETWEEN_KEYS_S = 0.2

/** What a call needs of its phone. */
export interface CallLine extends DialogLine {
  send(text: string): void
  /** For how many seconds it waits when it is told that a transfer worked, before it hangs up. */
  readonly hesitation: number
  /** Is told of each hold, and of what may end one. */
  readonly holds: PhoneHolds
}

type State = 'calling' | 'ringing' | 'up' | 'over'

/** One call of a phone, in the words of its user: answer, hold, resume, transfer, press keys, hang up. */
export class Call {
  private readonly line: CallLine
  private readonly audio: Sound
  private readonly dialog: Dialog
  /** The INVITE of a call that came in. */
  private readonly invitation: SipMessage | undefined
  private readonly requests = new Map<number, (response: SipMessage) => void>()
  private readonly branches = new Map<number, string>()
  private lastAnswer = ''
  private cseq = 1
  private state: State
  private isEnded = false
  private tellRinging: () => void = () => {}
  private tellAnswered: () => void = () => {}
  private tellEnded: () => void = () => {}

  /** The other phone rings. */
  readonly ringing = new Promise<void>((resolve) => {
    this.tellRinging = resolve
  })
  private readonly whenAnswered = new Promise<void>((resolve) => {
    this.tellAnswered = resolve
  })
  private readonly whenEnded = new Promise<void>((resolve) => {
    this.tellEnded = resolve
  })

  private constructor(line: CallLine, audio: Sound, dialog: Dialog, invitation?: SipMessage) {
    this.line = line
    this.audio = audio
    this.dialog = dialog
    this.invitation = invitation
    this.state = invitation === undefined ? 'calling' : 'ringing'
  }

  /** A call that the phone makes. */
  static to(line: CallLine, audio: Sound, exten: string): Call {
    const call = new Call(line, audio, Dialog.to(line, exten))
    call.invite('sendrecv')
    return call
  }

  /** A call that comes in, and rings. */
  static from(line: CallLine, audio: Sound, invitation: SipMessage): Call {
    const call = new Call(line, audio, Dialog.from(line, invitation), invitation)
    call.reply(invitation, 100, 'Trying')
    call.reply(invitation, 180, 'Ringing')
    return call
  }

  get callId(): string {
    return this.dialog.callId
  }

  get isOver(): boolean {
    return this.state === 'over'
  }

  // ---- what its user does

  /** Picks up a call that rings. */
  answer(): void {
    if (this.invitation === undefined || this.state !== 'ringing') return
    this.state = 'up'
    this.describe(this.invitation, 200, 'OK')
    this.speakTo(this.invitation.body)
    this.tellAnswered()
  }

  /** Refuses a call that rings: 486 is busy, 503 a trunk that is down. */
  reject(status: number): void {
    if (this.invitation === undefined || this.state !== 'ringing') return
    this.reply(this.invitation, status, 'Rejected')
    this.end()
  }

  /** The other side has picked up. */
  answered(): Promise<void> {
    return within(this.whenAnswered, `the answer to the call of ${this.line.user} to ${this.dialog.remoteUri}`)
  }

  /** The call is over, whoever ended it. */
  ended(): Promise<void> {
    return within(this.whenEnded, `the end of the call of ${this.line.user} with ${this.dialog.remoteUri}`)
  }

  async hold(): Promise<void> {
    await this.line.holds.begin(this, () => this.invite('sendonly'))
  }

  async resume(): Promise<void> {
    await this.line.holds.resume(this, () => this.invite('sendrecv'))
  }

  /** What Asterisk does with `*2` and `#1`: it puts the other party on hold. */
  async pressToHold(keys: string): Promise<void> {
    await this.line.holds.begin(this, () => this.pressEach(keys))
  }

  /** Holds for a while: long enough to be seen in whole seconds. */
  async holdFor(duration: number): Promise<void> {
    await this.hold()
    await seconds(duration)
    await this.resume()
  }

  /** Sends the other party to an extension: REFER (RFC 3515). The phone hangs up when it is told that it worked. */
  async transfer(exten: string): Promise<void> {
    await this.refer(`<sip:${exten}@127.0.0.1:${this.line.server}>`)
  }

  /** Joins the other party with that of a second call of this phone: REFER with Replaces (RFC 3891). */
  async transferInto(consultation: Call): Promise<void> {
    await this.refer(`<${consultation.dialog.replacesUri}>`)
  }

  /** Presses keys, which go as INFO. */
  async press(keys: string): Promise<void> {
    if (/^[*#]/.test(keys)) await this.line.holds.mayEnd(() => this.pressEach(keys))
    else await this.pressEach(keys)
  }

  private async pressEach(keys: string): Promise<void> {
    for (const key of keys) {
      await this.request('INFO', 'application/dtmf-relay', `Signal=${key}\r\nDuration=${KEY_MS}\r\n`)
      await seconds(BETWEEN_KEYS_S)
    }
  }

  /** Ends the call: BYE, CANCEL if it is not answered yet, or a refusal of one that rings. */
  async hangUp(): Promise<void> {
    if (this.state !== 'over') await this.line.holds.mayEnd(() => this.leave())
  }

  private async hangUpTransferred(): Promise<void> {
    await seconds(this.line.hesitation)
    await this.hangUp()
  }

  private async leave(): Promise<void> {
    if (this.invitation !== undefined && this.state === 'ringing') {
      this.reject(486)
    } else if (this.state === 'up') {
      this.state = 'over'
      this.line.holds.leave(this)
      await this.request('BYE')
      this.end()
    } else {
      this.line.send(this.requestText('CANCEL', 1, this.branches.get(1)))
      await this.ended()
    }
  }

  /** Forgets the call, and tells nobody. */
  abandon(): void {
    if (this.state !== 'over') this.end()
  }

  // ---- what arrives

  receive(message: SipMessage): void {
    if (message.status > 0) this.receiveResponse(message)
    else this.receiveRequest(message)
  }

  private receiveRequest(message: SipMessage): void {
    switch (message.method) {
      case 'ACK':
        return
      case 'INVITE':
        if (isSameRequest(message, this.invitation)) this.line.send(this.lastAnswer)
        else this.describe(message, 200, 'OK')
        return
      case 'CANCEL':
        this.reply(message, 200, 'OK')
        if (this.invitation === undefined || this.state !== 'ringing') return
        this.reply(this.invitation, 487, 'Request Terminated')
        this.end()
        return
      case 'BYE':
        this.reply(message, 200, 'OK')
        this.end()
        return
      case 'NOTIFY':
        this.reply(message, 200, 'OK')
        // A transfer is over for a phone when it is told so, and a phone hangs up then.
        if (/^SIP\/2\.0 2/.test(message.body)) this.hangUpTransferred().catch(() => {})
        return
      default:
        this.reply(message, 200, 'OK')
    }
  }

  private receiveResponse(message: SipMessage): void {
    const number = Number.parseInt(headerOf(message, 'cseq'), 10)
    if (message.method === 'INVITE') this.receiveInviteResponse(message, number)
    if (message.status < 200 || message.method === 'CANCEL') return
    this.requests.get(number)?.(message)
    this.requests.delete(number)
  }

  private receiveInviteResponse(message: SipMessage, number: number): void {
    if (message.status < 200) {
      if (message.status > 100) {
        // From here on the dialog can be named, though nobody has answered (RFC 3891, 3: an early dialog).
        this.dialog.confirm(message)
        this.tellRinging()
      }
      return
    }
    // Each 2xx is acknowledged, also one that comes again: the ACK was lost or is late.
    if (message.status < 300) {
      this.dialog.confirm(message)
      this.line.send(this.requestText('ACK', number))
      this.speakTo(message.body)
      if (this.state === 'calling') this.state = 'up'
      this.tellAnswered()
    } else {
      this.line.send(this.dialog.refusalAck(message, number, this.branches.get(number)))
      if (number === 1) this.end()
    }
  }

  private end(): void {
    this.line.holds.leave(this)
    if (!this.isEnded) this.audio.close()
    this.isEnded = true
    this.state = 'over'
    this.tellEnded()
  }

  private speakTo(description: string): void {
    const port = audioPortOf(description)
    if (port !== undefined && this.state !== 'over') this.audio.speakTo(port)
  }

  // ---- the wire

  private async refer(target: string): Promise<void> {
    const number = ++this.cseq
    const more = [
      ['Refer-To', target],
      ['Referred-By', `<${this.dialog.localUri}>`],
    ] as const
    await this.line.holds.mayEnd(() =>
      this.exchange(this.requestText('REFER', number, undefined, more), 'REFER', number),
    )
  }

  /** An INVITE, or a re-INVITE with another direction of audio. */
  private async invite(direction: Direction): Promise<void> {
    const number = this.state === 'calling' ? this.cseq : ++this.cseq
    const branch = newBranch()
    this.branches.set(number, branch)
    const body = sessionDescription(this.audio.port, direction)
    const text = this.requestText('INVITE', number, branch, [['Content-Type', 'application/sdp']], body)
    if (this.state === 'calling') this.line.send(text)
    else await this.exchange(text, 'INVITE', number)
  }

  private async request(method: string, type?: string, body = ''): Promise<void> {
    const number = ++this.cseq
    const more = type === undefined ? [] : [['Content-Type', type] as const]
    await this.exchange(this.requestText(method, number, undefined, more, body), method, number)
  }

  private async exchange(text: string, method: string, number: number): Promise<void> {
    const answer = new Promise<SipMessage>((resolve) => this.requests.set(number, resolve))
    this.line.send(text)
    const { status } = await within(answer, `the response to ${method} of ${this.line.user}`, PATIENCE_MS)
    // 481: the BYEs of both sides have crossed.
    if (status >= 300 && !(method === 'BYE' && status === 481)) {
      throw new Error(`${method} of ${this.line.user} was refused: ${status}`)
    }
  }

  private requestText(method: string, number: number, branch?: string, more: Headers = [], body = ''): string {
    return this.dialog.request(method, number, branch, more, body)
  }

  private describe(request: SipMessage, status: number, reason: string): void {
    const body = sessionDescription(this.audio.port, 'sendrecv')
    this.reply(request, status, reason, [['Content-Type', 'application/sdp']], body)
  }

  private reply(request: SipMessage, status: number, reason: string, more: Headers = [], body = ''): void {
    const text = this.dialog.response(request, status, reason, more, body)
    if (request === this.invitation) this.lastAnswer = text
    this.line.send(text)
  }
}

function isSameRequest(message: SipMessage, other: SipMessage | undefined): boolean {
  return other !== undefined && headerOf(message, 'cseq') === headerOf(other, 'cseq')
}
