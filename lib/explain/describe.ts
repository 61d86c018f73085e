import type { AmiMessage } from '../ami/message.ts'
import { UP } from '../calls/channels.ts'
import type { EventKind } from './call.ts'

/** A channel that a message names. */
export interface Named {
  readonly uniqueid: string
  readonly name: string
}

/** An AMI event as a person reads it. */
export interface Description {
  readonly kind: EventKind
  readonly from: Named
  readonly to: Named
  readonly text: string
}

const NOBODY: Named = { uniqueid: '', name: '' }
const RINGING = '5'

type Describe = (message: AmiMessage) => Description | undefined

/** What is shown of which event; of all others nothing is. */
const descriptions: Readonly<Record<string, Describe>> = {
  Newchannel: (message) => {
    const exten = value(message, 'Exten')
    const who = callerOf(message)
    return one(
      'channel',
      message,
      `begins${who === '' ? '' : `, ${who}`}${exten === '' ? '' : `, at extension ${exten}`}`,
    )
  },
  Newstate: (message) => {
    const state = message.get('ChannelState')
    return state === UP || state === RINGING ? one('channel', message, state === UP ? 'is up' : 'rings') : undefined
  },
  NewAccountCode: (message) => {
    const code = value(message, 'AccountCode')
    return code === '' || code === message.get('OldAccountCode')
      ? undefined
      : one('channel', message, `has account code ${code}`)
  },
  DialBegin: (message) => {
    const from = named(message, '')
    const to = named(message, 'Dest')
    const dialString = value(message, 'DialString')
    if (from.uniqueid === '')
      return { kind: 'dial', from: to, to: NOBODY, text: `${to.name} is called by an Originate` }
    return {
      kind: 'dial',
      from,
      to,
      text: `${from.name} dials ${to.name}${dialString === '' ? '' : ` (${dialString})`}`,
    }
  },
  DialEnd: (message) => {
    const from = named(message, '')
    const to = named(message, 'Dest')
    const status = value(message, 'DialStatus')
    const text = status === 'ANSWER' ? `${to.name} answers` : `the dial of ${to.name} ends: ${status}`
    return { kind: 'dial', from: to, to: from, text }
  },
  BridgeEnter: (message) => one('bridge', message, `enters ${bridgeName(message)}`),
  BridgeLeave: (message) => one('bridge', message, `leaves ${bridgeName(message)}`),
  Hold: (message) => one('hold', message, 'holds'),
  Unhold: (message) => one('hold', message, 'ends its hold'),
  MusicOnHoldStart: (message) => one('hold', message, 'hears music'),
  MusicOnHoldStop: (message) => one('hold', message, 'stops hearing music'),
  QueueCallerJoin: (message) =>
    one('queue', message, `enters queue ${value(message, 'Queue')}, at position ${value(message, 'Position')}`),
  QueueCallerAbandon: (message) => one('queue', message, `gives up waiting in queue ${value(message, 'Queue')}`),
  QueueCallerLeave: (message) => one('queue', message, `leaves queue ${value(message, 'Queue')}`),
  AgentRingNoAnswer: (message) =>
    pair(
      'queue',
      message,
      '',
      'Dest',
      (_from, to) => `${value(message, 'MemberName')} of queue ${value(message, 'Queue')} does not answer on ${to}`,
    ),
  AgentConnect: (message) =>
    pair(
      'queue',
      message,
      '',
      'Dest',
      (from, to) => `queue ${value(message, 'Queue')} connects ${from} to ${value(message, 'MemberName')} on ${to}`,
    ),
  AgentComplete: (message) => {
    const reason = value(message, 'Reason')
    const text = `the call of queue ${value(message, 'Queue')} with ${value(message, 'MemberName')} is over${reason === '' ? '' : ` (${reason})`}`
    return pair('queue', message, '', 'Dest', () => text)
  },
  ParkedCall: (message) =>
    parking(
      message,
      (parked) => `${parked} is parked in ${value(message, 'Parkinglot')}, space ${value(message, 'ParkingSpace')}`,
    ),
  ParkedCallSwap: (message) =>
    parking(message, (parked) => `${parked} takes the place of the channel that was parked there`),
  ParkedCallGiveUp: (message) => parking(message, (parked) => `${parked} gives up in the parking lot`),
  ParkedCallTimeOut: (message) => parking(message, (parked) => `${parked} times out in the parking lot`),
  UnParkedCall: (message) =>
    pair('parking', message, 'Retriever', 'Parkee', (from, to) => `${from} picks up ${to} from the parking lot`),
  BlindTransfer: (message) =>
    pair('transfer', message, 'Transferer', 'Transferee', (from, to) => {
      const where = `${value(message, 'Extension')}@${value(message, 'Context')}`
      return `${from} transfers ${to === '' ? 'the call' : to} to ${where}${outcome(message)}`
    }),
  AttendedTransfer: (message) =>
    pair('transfer', message, 'OrigTransferer', 'Transferee', (from, to) => {
      const target = value(message, 'TransferTargetChannel')
      return `${from} transfers ${to === '' ? 'the call' : to}${target === '' ? '' : ` to ${target}`} (attended)${outcome(message)}`
    }),
  Pickup: (message) => pair('dial', message, '', 'Target', (from, to) => `${from} picks up the call of ${to}`),
  LocalBridge: (message) =>
    pair(
      'channel',
      message,
      'LocalOne',
      'LocalTwo',
      (from, to) => `${from} and ${to} are the two halves of a Local channel`,
    ),
  LocalOptimizationBegin: (message) =>
    pair('bridge', message, 'LocalOne', 'LocalTwo', (from, to) => `${from} and ${to} are optimised away`),
  OriginateResponse: (message) => one('dial', message, `was made by an Originate: ${value(message, 'Response')}`),
  HangupRequest: (message) => one('hangup', message, 'asks to hang up'),
  Hangup: (message) => {
    const cause = value(message, 'Cause-txt')
    return one('hangup', message, `hangs up${cause === '' ? '' : ` (${cause})`}`)
  },
  QueueMemberAdded: (message) => member(message, 'is a member of'),
  QueueMemberRemoved: (message) => member(message, 'is no longer a member of'),
}

/** A server may call an event as objects call what they are made with. */
function descriptionOf(event: string): Describe | undefined {
  return Object.hasOwn(descriptions, event) ? descriptions[event] : undefined
}

/** The events that are shown. */
export const describedEvents: ReadonlySet<string> = new Set(Object.keys(descriptions))

/** What an event says; undefined if nothing is shown of it. */
export function describe(message: AmiMessage): Description | undefined {
  const description = descriptionOf(message.event)?.(message)
  if (description === undefined || message.get('Resync') === undefined) return description
  return { ...description, text: `${description.text} (from the lists after a login)` }
}

/** The value of a header as one that is there: '' where it is not, or where Asterisk says it does not know. */
export function value(message: AmiMessage, header: string): string {
  const text = message.get(header) ?? ''
  return text === '<unknown>' ? '' : text
}

/** The channel whose headers begin so: '' for the message's own, or Dest, Parkee and so on. */
export function named(message: AmiMessage, prefix: string): Named {
  return { uniqueid: message.get(`${prefix}Uniqueid`) ?? '', name: message.get(`${prefix}Channel`) ?? '' }
}

function one(kind: EventKind, message: AmiMessage, text: string): Description | undefined {
  const from = named(message, '')
  return from.uniqueid === '' ? undefined : { kind, from, to: NOBODY, text: `${from.name} ${text}` }
}

function pair(
  kind: EventKind,
  message: AmiMessage,
  fromPrefix: string,
  toPrefix: string,
  text: (from: string, to: string) => string,
): Description {
  const from = named(message, fromPrefix)
  const to = named(message, toPrefix)
  return { kind, from, to, text: text(from.name, to.name) }
}

function parking(message: AmiMessage, text: (parked: string) => string): Description {
  return pair('parking', message, 'Parkee', 'Parker', text)
}

function member(message: AmiMessage, what: string): Description {
  const name = value(message, 'MemberName')
  const text = `${name} (${value(message, 'Interface')}) ${what} queue ${value(message, 'Queue')}`
  return { kind: 'member', from: NOBODY, to: NOBODY, text }
}

function callerOf(message: AmiMessage): string {
  const number = value(message, 'CallerIDNum')
  const name = value(message, 'CallerIDName')
  if (name === '' || name === number) return number === '' ? '' : `caller ${number}`
  return `caller "${name}"${number === '' ? '' : ` ${number}`}`
}

function bridgeName(message: AmiMessage): string {
  const type = value(message, 'BridgeType')
  return `${type === 'parking' ? 'the lot, bridge' : 'bridge'} ${value(message, 'BridgeUniqueid').slice(0, 8)}`
}

function outcome(message: AmiMessage): string {
  const result = value(message, 'Result')
  return result === 'Success' ? '' : `: ${result}`
}
