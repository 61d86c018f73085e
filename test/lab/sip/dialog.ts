import { randomBytes } from 'node:crypto'
import { formatSip, headerOf, type SipMessage, tagOf, uriOf } from './message.ts'

export type Headers = readonly (readonly [name: string, value: string])[]

/** Whose dialog it is. */
export interface DialogLine {
  readonly user: string
  readonly port: number
  /** The SIP port of Asterisk. */
  readonly server: number
}

interface Ends {
  callId: string
  localTag: string
  localUri: string
  remoteTag: string | undefined
  remoteUri: string
  /** Where requests go: the Contact of the other side. */
  target: string
}

/** What the messages of one call have in common (RFC 3261, 12). */
export class Dialog {
  private readonly line: DialogLine
  private readonly ends: Ends

  private constructor(line: DialogLine, ends: Ends) {
    this.line = line
    this.ends = ends
  }

  /** Of a call to an extension. */
  static to(line: DialogLine, exten: string): Dialog {
    const remoteUri = `sip:${exten}@127.0.0.1:${line.server}`
    const localUri = `sip:${line.user}@127.0.0.1`
    const [callId, localTag] = [token(), token()]
    return new Dialog(line, { callId, localTag, localUri, remoteTag: undefined, remoteUri, target: remoteUri })
  }

  /** Of a call that comes in. */
  static from(line: DialogLine, invitation: SipMessage): Dialog {
    return new Dialog(line, {
      callId: headerOf(invitation, 'call-id'),
      localTag: token(),
      localUri: uriOf(headerOf(invitation, 'to')),
      remoteTag: tagOf(headerOf(invitation, 'from')),
      remoteUri: uriOf(headerOf(invitation, 'from')),
      target: uriOf(headerOf(invitation, 'contact')),
    })
  }

  get callId(): string {
    return this.ends.callId
  }

  get localUri(): string {
    return this.ends.localUri
  }

  get remoteUri(): string {
    return this.ends.remoteUri
  }

  /** The other party of this call, to be put in the place of this one (RFC 3891). */
  get replacesUri(): string {
    const { callId, localTag, remoteTag, remoteUri } = this.ends
    return `${remoteUri}?Replaces=${encodeURIComponent(`${callId};to-tag=${remoteTag};from-tag=${localTag}`)}`
  }

  /** Takes what the other side said when it answered. */
  confirm(answer: SipMessage): void {
    this.ends.remoteTag = tagOf(headerOf(answer, 'to')) ?? this.ends.remoteTag
    this.ends.target = uriOf(headerOf(answer, 'contact')) || this.ends.target
  }

  request(method: string, number: number, branch = newBranch(), more: Headers = [], body = ''): string {
    const { remoteUri, remoteTag } = this.ends
    return this.requestTo(`<${remoteUri}>${tagged(remoteTag)}`, method, number, branch, more, body)
  }

  /** The ACK of a refusal belongs to the INVITE, not to a dialog. */
  refusalAck(refusal: SipMessage, number: number, branch?: string): string {
    return this.requestTo(headerOf(refusal, 'to'), 'ACK', number, branch ?? newBranch())
  }

  response(request: SipMessage, status: number, reason: string, more: Headers = [], body = ''): string {
    const copied = copiedHeaders(request).map(([name, value]): readonly [string, string] =>
      name === 'to' && tagOf(value) === undefined && status > 100
        ? ['To', `${value}${tagged(this.ends.localTag)}`]
        : [name, value],
    )
    return formatSip(`SIP/2.0 ${status} ${reason}`, [...copied, this.contact, ...more], body)
  }

  private requestTo(to: string, method: string, number: number, branch: string, more: Headers = [], body = ''): string {
    const { localUri, localTag, callId, target } = this.ends
    const headers: Headers = [
      ['Via', `SIP/2.0/UDP 127.0.0.1:${this.line.port};branch=${branch}`],
      ['Max-Forwards', '70'],
      ['From', `<${localUri}>${tagged(localTag)}`],
      ['To', to],
      ['Call-ID', callId],
      ['CSeq', `${number} ${method}`],
      this.contact,
      ...more,
    ]
    return formatSip(`${method} ${target} SIP/2.0`, headers, body)
  }

  private get contact(): readonly [string, string] {
    return ['Contact', `<sip:${this.line.user}@127.0.0.1:${this.line.port}>`]
  }
}

/** The headers that a response has from its request. */
export function copiedHeaders(request: SipMessage): Headers {
  return request.headers.filter(([name]) => ['via', 'from', 'to', 'call-id', 'cseq'].includes(name))
}

export function newBranch(): string {
  return `z9hG4bK${token()}`
}

function tagged(tag: string | undefined): string {
  return tag === undefined ? '' : `;tag=${tag}`
}

function token(): string {
  return randomBytes(8).toString('hex')
}
