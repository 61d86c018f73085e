import type { ActionHeaders } from './action.ts'
import { SHUTTING_DOWN } from './shutdown.ts'

/** What a manager user may see (`read = …`) or do (`write = …`). */
export type PrivilegeLine = 'read' | 'write'

/** An action that ami-track sends. */
export interface NeededAction {
  readonly name: string
  /** Which class of `write` in manager.conf permits it; undefined if none is needed. */
  readonly privilege?: string
  /** What is not known, or not done, without it. */
  readonly loss: string
}

/** An action that the server answers with what there is. */
export interface ListAction extends NeededAction {
  readonly headers?: ActionHeaders
  /** Whether a list follows its response. */
  readonly isList: boolean
}

/** What is asked for after each login. */
export const LIST_ACTIONS: readonly ListAction[] = [
  { name: 'CoreStatus', isList: false, privilege: 'reporting', loss: 'ami-track notices a restart of Asterisk late' },
  {
    name: 'CoreShowChannels',
    isList: true,
    privilege: 'reporting',
    loss: 'queue calls that were answered while the connection was lost are not followed',
  },
  { name: 'BridgeList', isList: true, loss: 'after a lost connection ami-track does not know who talks to whom' },
  {
    name: 'Status',
    headers: [['Variables', 'CHANNEL(onhold)']],
    isList: true,
    privilege: 'call',
    loss: 'a hold that begins or ends while the connection is lost is not noticed',
  },
  {
    name: 'ParkedCalls',
    isList: true,
    privilege: 'call',
    loss: 'calls that are parked while the connection is lost are not followed',
  },
  {
    name: 'QueueStatus',
    isList: true,
    loss: 'after a lost connection ami-track does not know the names of queue members',
  },
]

/** By which lines get into Asterisk's own queue_log. */
export const QUEUE_LOG_ACTION = {
  name: 'QueueLog',
  privilege: 'agent',
  loss: 'ami-track cannot write to queue_log',
} as const satisfies NeededAction

/** By which trackers on the same Asterisk see each other; its event needs the same class in `read`. */
export const USER_EVENT_ACTION = {
  name: 'UserEvent',
  privilege: 'user',
  loss: 'ami-track does not notice a second ami-track on this PBX',
} as const satisfies NeededAction

/** What to do where a privilege is missing: `add user to the line read = … of [tracker] in manager.conf` */
export function additionOf(privilege: string, lines: readonly PrivilegeLine[], login: string): string {
  const shown = lines.map((line) => `${line} = …`).join(' and ')
  return `add ${privilege} to the line${lines.length > 1 ? 's' : ''} ${shown} of [${login}] in manager.conf`
}

/** Whether a response says that the user's classes do not permit the action. */
export function isDenial(message: string): boolean {
  return /permission denied/i.test(message)
}

/** Whether a response says that the server does no action any more: from the moment at which it is told to stop (16.28, 22.10). */
export function isShuttingDown(message: string): boolean {
  return message === SHUTTING_DOWN
}

/** Whether a response says that there is no such action. */
export function isUnknown(message: string): boolean {
  return /unknown command/i.test(message)
}

/** Of which kind a refusal is, however the server words it. */
export function kindOfRefusal(message: string): 'denied' | 'unknown' | 'other' {
  if (isDenial(message)) return 'denied'
  return isUnknown(message) ? 'unknown' : 'other'
}
