import type { Facts } from './dial-facts.ts'

/**
 * What the agent dialled: the extension with which the calling channel was created. If a phone creates its channel
 * before anybody dials (chan_sccp, analog), it is the extension when the channel begins to ring. A click-to-call is
 * created with `s`: then it is the extension of the Originate; otherwise the extension from which it dials; if that is
 * a subroutine, the number that it dials.
 *
 * @param exten that of the DialBegin
 * @param technology of the channel that is dialled: `PJSIP`
 * @returns '' if it is not known
 */
export function dialledNumber(
  facts: Readonly<Pick<Facts, 'exten' | 'ringExten' | 'originated' | 'originateExten'>>,
  exten: string,
  technology: string,
  dialString: string,
): string {
  const { originated, originateExten, ringExten } = facts
  const created = ringExten || facts.exten
  if (!originated && isNumber(created)) return created
  if (isNumber(originateExten)) return originateExten
  return isNumber(exten) ? exten : numberInDialString(technology, dialString)
}

function isNumber(exten: string): boolean {
  return exten !== '' && exten !== 's'
}

/** A number that a person can dial, without the pauses of analog lines. */
const DIALLABLE = /^\+?[\d*#]+$/

/** How each channel technology writes a number in a dial string, after `TECHNOLOGY/`. */
const SYNTAX: Readonly<Record<string, (resource: string) => string>> = {
  // exten@peer, peer/exten, user:secret@host, number; each with !to!from behind it (chan_sip.c, sip_request_call)
  SIP: (resource) => atHostOrBehindPeer(resource.split('!')[0] ?? ''),
  OOH323: atHostOrBehindPeer,
  H323: atHostOrBehindPeer,
  // number@endpoint, endpoint/sip:number@host, endpoint (chan_pjsip.c, request)
  PJSIP: (resource) => {
    const [endpoint = '', ...rest] = resource.split('/')
    if (rest.length === 0 || endpoint.includes('@')) return atHostOrBehindPeer(endpoint)
    const target = rest.join('/')
    const user = /^sips?:([^@]*)@/i.exec(target)?.[1] ?? target
    return diallable(withoutParameters(user)) || diallable(endpoint)
  },
  // [user[:secret]@]peer[:port]/exten[@context] (chan_iax2.c, parse_dial_string)
  IAX2: (resource) => behindSlash(resource),
  // group or channel/number, with options behind it (chan_dahdi.c, dahdi_request)
  DAHDI: (resource) => behindSlash(resource),
  Zap: (resource) => behindSlash(resource),
  CAPI: (resource) => behindSlash(resource, (part) => part.replace(/^[a-zA-Z]+/, '')),
  mISDN: (resource) => behindSlash(resource),
  Khomp: (resource) => behindSlash(resource),
  Dongle: (resource) => behindSlash(resource),
  Quectel: (resource) => behindSlash(resource),
  Mobile: (resource) => behindSlash(resource),
  // exten@context/options (core_local.c): an extension of the dialplan may have letters
  Local: (resource) => /^([\w*#+.-]+)@/.exec(resource)?.[1] ?? '',
  // line/options (chan_sccp)
  SCCP: (resource) => diallable(resource.split('/')[0] ?? ''),
}

/**
 * The number in a dial string, by the syntax of its technology. A dial string may contain a user, a secret and a host:
 * none of them is ever taken as a number.
 *
 * @param technology `PJSIP`
 * @param dialString with or without the technology before it: `5550001@trunk`, `Local/1002@from-queue/n`
 * @returns '' if there is none, or the technology is not known
 */
export function numberInDialString(technology: string, dialString: string): string {
  const known = Object.keys(SYNTAX).find((name) => name.toLowerCase() === technology.toLowerCase())
  if (known === undefined) return ''
  const [resource = ''] = withoutTechnology(dialString, known).split('&')
  return SYNTAX[known]?.(resource) ?? ''
}

function withoutTechnology(dialString: string, technology: string): string {
  const prefix = `${technology}/`
  return dialString.toLowerCase().startsWith(prefix.toLowerCase()) ? dialString.slice(prefix.length) : dialString
}

function atHostOrBehindPeer(resource: string): string {
  const at = resource.lastIndexOf('@')
  // user:secret@host/number, in dialplans that come from chan_iax2
  if (at >= 0) return diallable(withoutParameters(resource.slice(0, at))) || behindSlash(resource.slice(at + 1))
  return resource.includes('/') ? behindSlash(resource) : diallable(resource.replace(/:\d+$/, ''))
}

function behindSlash(resource: string, clean = (part: string): string => part): string {
  const part = resource.split('/')[1] ?? ''
  return diallable(clean(part.split('@')[0] ?? ''))
}

function withoutParameters(user: string): string {
  return user.split(';')[0] ?? ''
}

function diallable(text: string): string {
  const number = text.replace(/[wW.-]/g, '')
  return DIALLABLE.test(number) ? number : ''
}
