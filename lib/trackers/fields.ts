import { interfaceOf } from '../ami/channel-name.ts'
import type { Channel } from '../calls/channels.ts'
import type { ConversationEnd } from '../calls/conversations.ts'
import type { QueueMembers } from '../calls/queue-members.ts'

/**
 * The name under which the agent of a tracked call is logged: the interface of its phone, or the name of the queue
 * member whose phone it is.
 */
export type AgentName = 'interface' | 'member'

/** The agent of a tracked call that talks on this channel. */
export function agentOn({ name }: Channel, agentName: AgentName, members: QueueMembers): string {
  const phone = interfaceOf(name)
  return agentName === 'member' ? (members.nameAt(phone) ?? phone) : phone
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

/** How the queue names of outbound calls begin: of visible calls, and of hidden calls. */
export const OUTBOUND = 'q-'
export const HIDDEN_OUTBOUND = `_${OUTBOUND}`

/** The queue of an outbound call: `q-ACCOUNTCODE`, `q-outbound` without a code, and an underscore before a hidden one. */
export function outboundQueue(accountCode: string, hidden: boolean): string {
  return `${hidden ? HIDDEN_OUTBOUND : OUTBOUND}${accountCode || 'outbound'}`
}

/** How the queues of parked calls begin. */
export const PARKED = 'pk-'

/** The queue of the calls that are parked in a lot. */
export function parkedQueue(lot: string): string {
  return `${PARKED}${lot}`
}

/** Whether the calls of a queue are parked ones. */
export function isParkedQueue(queuename: string): boolean {
  return queuename.startsWith(PARKED)
}

/** The callid of a tracked call: its channel's Uniqueid, with a colon before it if `rewriteUniqueids` is on. */
export function callidOf(uniqueid: string, rewriteUniqueids: boolean): string {
  return rewriteUniqueids ? `:${uniqueid}` : uniqueid
}

/** The Uniqueid in the callid of a tracked call, with or without the colon. */
export function uniqueidOf(callid: string): string {
  return callid.replace(/^:/, '')
}

/** The verb with which a conversation ends, and the columns before WAIT and TALK. */
export function endOf({ how, by, destination }: ConversationEnd): { event: string; data: readonly string[] } {
  switch (how) {
    case 'hung up':
      return { event: by === 'agent' ? 'COMPLETEAGENT' : 'COMPLETECALLER', data: [] }
    case 'blind transfer':
      return { event: 'BLINDTRANSFER', data: destination }
    case 'attended transfer':
      return { event: 'ATTENDEDTRANSFER', data: destination }
  }
}
