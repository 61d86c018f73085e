import type { AmiMessage } from '../ami/message.ts'

/** A channel's name without its suffix: `PJSIP/1001-0000002a` is on `PJSIP/1001`. */
export function interfaceOf(channelName: string): string {
  return channelName.replace(/-[0-9a-f]+(;[12])?$/, '')
}

/** A wait or a talk as Asterisk computes it: the difference of whole seconds. Both are ms since the epoch. */
export function secondsBetween(from: number, to: number): string {
  return String(Math.max(0, Math.floor(to / 1000) - Math.floor(from / 1000)))
}

const END_VERBS = new Set([
  'COMPLETEAGENT',
  'COMPLETECALLER',
  'BLINDTRANSFER',
  'ATTENDEDTRANSFER',
  'ABANDON',
  'EXITWITHTIMEOUT',
])

/** Whether a line of this verb is the last of its call (a REMOVEMEMBER of its agent may follow). */
export function isEndVerb(event: string): boolean {
  return END_VERBS.has(event)
}

/** The queue of an outbound call: `q-ACCOUNTCODE`, `q-outbound` without a code, and an underscore before a hidden one. */
export function outboundQueue(accountCode: string, hidden: boolean): string {
  return `${hidden ? '_' : ''}q-${accountCode || 'outbound'}`
}

/** The queue of the calls that are parked in a lot. */
export function parkedQueue(lot: string): string {
  return `pk-${lot}`
}

/** The callid of a tracked call: its channel's Uniqueid, with a colon before it unless that is not wished. */
export function callidOf(uniqueid: string, rewriteUniqueids: boolean): string {
  return rewriteUniqueids ? `:${uniqueid}` : uniqueid
}

/** The Uniqueid in the callid of a tracked call, whichever way it is written. */
export function uniqueidOf(callid: string): string {
  return callid.replace(/^:/, '')
}

/** What an attended transfer led to, as Asterisk writes it; undefined if the parties stay together. */
export function destinationOf(message: AmiMessage): string[] | undefined {
  switch (message.get('DestType')) {
    case 'Bridge':
      return ['BRIDGE', message.get('DestBridgeUniqueid') ?? '']
    case 'App':
      return ['APP', message.get('DestApp') ?? '']
    case 'Link':
      return ['LINK', message.get('LocalOneChannel') ?? '', message.get('LocalTwoChannel') ?? '']
    default:
      return undefined
  }
}
