import { OWN_ACTION_ID } from '../ami/action.ts'
import type { AmiMessage } from '../ami/message.ts'
import { LIST_ACTIONS } from '../ami/privileges.ts'
import type { AnonymousValues } from './anonymous-values.ts'
import { APPLICATIONS } from './harmless-words.ts'

/** What stands in a dump that is shown to others, where a header has this value; undefined if it is left out. */
type Share = (value: string, values: AnonymousValues, message: AmiMessage) => string | undefined

export interface SharedHeader {
  /** As Asterisk spells it. */
  readonly name: string
  readonly share: Share
  /** Whether all its values count, and not the first alone. */
  readonly isRepeated: boolean
}

/** Asterisk shows more for its causes; these are the ones that calls end with. */
const CAUSES = [
  'Answered elsewhere',
  'Call Rejected',
  'Circuit/channel congestion',
  'Destination out of order',
  'Interworking, unspecified',
  'No route to destination',
  'No user responding',
  'Normal Clearing',
  'Normal, unspecified',
  'Number changed',
  'Protocol error, unspecified',
  'Recover on timer expiry',
  'Requested channel not available',
  'Subscriber absent',
  'Switching equipment congestion',
  'Temporary failure',
  'Unallocated (unassigned) number',
  'Unknown',
  'User alerting, no answer',
  'User busy',
]
const CHANNEL_STATES = [
  'Busy',
  'Dialing',
  'Dialing Offhook',
  'Down',
  'OffHook',
  'Pre-ring',
  'Ring',
  'Ringing',
  'Rsrvd',
  'Up',
]
const DIAL_STATUSES = [
  ...['ABORT', 'ANSWER', 'BUSY', 'CANCEL', 'CHANUNAVAIL', 'CONGESTION', 'CONTINUE', 'DONTCALL', 'GOTO', 'INVALIDARGS'],
  ...['NOANSWER', 'PROCEEDING', 'PROGRESS', 'RINGING', 'TORTURE'],
]
const TECHNOLOGIES = ['holding_bridge', 'native_dahdi', 'native_rtp', 'simple_bridge', 'softmix']
const LIST_NAMES: ReadonlySet<string> = new Set([...LIST_ACTIONS.map(({ name }) => name), 'BridgeInfo'])
/** The actions of ours that have lists are the first of a session. */
const OWN_LIST = new RegExp(`^${OWN_ACTION_ID}\\d{1,5}$`)
const GREATEST_COUNT = 999_999

/** A value that is not what it should be is emptied: that the header is there may tell something. */
function matching(pattern: RegExp): Share {
  return (value) => (pattern.test(value) ? value : '')
}

function oneOf(...texts: readonly string[]): Share {
  const harmless = new Set(texts)
  return (value) => (harmless.has(value) ? value : '')
}

/** A phone number would be greater. */
const count: Share = (value) => {
  if (!/^\d+$/.test(value)) return ''
  return Number(value) > GREATEST_COUNT ? String(GREATEST_COUNT) : value
}
const channel: Share = (value, values) => values.channel(value)
const uniqueid: Share = (value, values) => values.uniqueid(value)
const bridge: Share = (value, values) => values.bridge(value)
const extension: Share = (value, values) => values.extension(value)
const context: Share = (value, values) => values.context(value)
const callerNumber: Share = (value, values) => values.callerNumber(value)
const personName: Share = (value, values) => values.personName(value)
const accountCode: Share = (value, values) => values.accountCode(value)
const dialled: Share = (value, values) => values.dialled(value)
const queue: Share = (value, values) => values.queue(value)
const application: Share = (value, values) => (APPLICATIONS.has(value) ? value : values.application(value))
const memberName: Share = (value, values, message) =>
  values.memberName(value, message.get('Interface') ?? message.get('Location'))
/** Of what an application was called with, only the queue is read. */
const queueOfApplication: Share = (value, values, message) =>
  message.get('Application') === 'Queue' ? values.queue(value.split(',')[0] ?? '') : ''

/** What is told of a channel; who it is stands before it: `DestChannel`. */
const OF_CHANNEL: Readonly<Record<string, Share>> = {
  Channel: channel,
  Uniqueid: uniqueid,
  Linkedid: uniqueid,
  ChannelState: matching(/^\d{1,2}$/),
  ChannelStateDesc: oneOf(...CHANNEL_STATES),
  CallerIDNum: callerNumber,
  CallerIDName: personName,
  ConnectedLineNum: callerNumber,
  ConnectedLineName: personName,
  AccountCode: accountCode,
  Context: context,
  Exten: extension,
}

const PARTIES = [
  ...['', 'Dest', 'LocalOne', 'LocalTwo', 'Parkee', 'Parker', 'Retriever', 'Transferer', 'Transferee'],
  ...['OrigTransferer', 'SecondTransferer', 'TransferTarget', 'Target'],
]

const OF_MESSAGE: Readonly<Record<string, Share>> = {
  Timestamp: (value, values) => values.timestamp(value),
  ActionID: (value) => (OWN_LIST.test(value) ? value : '1'),
  Response: (value) => (['Error', 'Failure', 'Goodbye', 'Pong'].includes(value) ? value : 'Success'),
  Resync: () => '1',
  Lists: (value) =>
    value
      .split(',')
      .filter((name) => LIST_NAMES.has(name))
      .join(','),
  // Of MemberNamesLogged.
  Value: oneOf('yes', 'no', 'awaited'),
  CoreStartupDate: matching(/^\d{4}-\d\d-\d\d$/),
  CoreStartupTime: matching(/^\d\d:\d\d:\d\d$/),

  OldAccountCode: accountCode,
  DialString: (value, values, message) =>
    values.dialled(value, message.get('DestChannel')?.startsWith('Local/') === true),
  DialStatus: oneOf(...DIAL_STATUSES),
  Cause: matching(/^\d{1,3}$/),
  'Cause-txt': oneOf(...CAUSES),
  Reason: (value) => (/^(?:agent|caller|transfer|\d)$/.test(value) ? value : ''),

  BridgeUniqueid: bridge,
  BridgeId: bridge,
  DestBridgeUniqueid: bridge,
  BridgeType: oneOf('base', 'basic', 'parking', 'stasis'),
  BridgeTechnology: oneOf(...TECHNOLOGIES),
  BridgeNumChannels: count,
  SwapUniqueid: uniqueid,

  Queue: queue,
  Interface: dialled,
  StateInterface: dialled,
  Location: dialled,
  MemberName: memberName,
  Name: memberName,
  Membership: oneOf('dynamic', 'realtime', 'static'),
  Paused: matching(/^[01]$/),
  InCall: matching(/^[01]$/),
  Position: count,
  Count: count,
  HoldTime: count,
  TalkTime: count,
  RingTime: count,

  Parkinglot: (value, values) => values.parkingLot(value),
  ParkingSpace: extension,
  ParkingDuration: count,

  Extension: extension,
  IsExternal: oneOf('No', 'Yes'),
  Result: oneOf('Fail', 'Invalid', 'Not Permitted', 'Success'),
  DestType: oneOf('App', 'Bridge', 'Fail', 'Link', 'Threeway'),
  DestApp: application,

  Application: application,
  ApplicationData: queueOfApplication,
  Data: queueOfApplication,
}

const headers = new Map<string, SharedHeader>()
for (const [name, share] of [
  ...PARTIES.flatMap((party) => Object.entries(OF_CHANNEL).map(([name, share]) => [party + name, share] as const)),
  ...Object.entries(OF_MESSAGE),
]) {
  headers.set(name.toLowerCase(), { name, share, isRepeated: false })
}
headers.set('variable', {
  name: 'Variable',
  share: (value) => (/^CHANNEL\(onhold\)=(?:[01]|\(null\))?$/.test(value) ? value : undefined),
  isRepeated: true,
})

/** What becomes of a header, by its name in any case; undefined if it is left out. */
export function sharedHeader(name: string): SharedHeader | undefined {
  return headers.get(name.toLowerCase())
}

/** The headers that are not left out, as Asterisk spells them. */
export function sharedHeaderNames(): string[] {
  return [...headers.values()].map(({ name }) => name)
}
