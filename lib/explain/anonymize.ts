import { OWN_ACTION_ID } from '../ami/action.ts'
import { type AmiMessage, HeaderMessage, type HeaderValue } from '../ami/message.ts'
import { ServerLists } from '../calls/resync/server-lists.ts'
import { neededEvents } from '../trackers/table.ts'
import { describedEvents } from './describe.ts'
import type { Pseudonyms } from './pseudonyms.ts'

/** The events that stay in a dump that is to be shared: those of which something is written or shown. */
export const sharedEvents: ReadonlySet<string> = new Set([...neededEvents, ...ServerLists.events, ...describedEvents])

/** What is told of a channel stands in many headers, of which the beginning says whose it is. */
const PARTY =
  /^(?:Dest|LocalOne|LocalTwo|Parkee|Parker|Retriever|Transferer|Transferee|OrigTransferer|SecondTransferer|TransferTarget|Target|Source|Swap)(?=[A-Z])/

/** Headers of which nothing can be learned about anybody. */
const KEPT = new Set(
  (
    'Event Response Timestamp Uniqueid UniqueId Linkedid ChannelState ChannelStateDesc BridgeUniqueid BridgeId BridgeType ' +
    'BridgeTechnology BridgeNumChannels Cause Cause-txt DialStatus Position Count HoldTime TalkTime RingTime Result Reason ' +
    'ParkingTimeout ParkingDuration Resync Lists IsExternal Type App Application EventList ListItems InCall Paused ' +
    'CoreStartupDate CoreStartupTime Success Status'
  ).split(' '),
)

type Replace = (pseudonyms: Pseudonyms, value: string, message: AmiMessage) => string

const callerNumber: Replace = (pseudonyms, value) => pseudonyms.callerNumber(value)
const callerName: Replace = (pseudonyms, value) => pseudonyms.callerName(value)
const extension: Replace = (pseudonyms, value) => pseudonyms.extension(value)
const place: Replace = (pseudonyms, value) => pseudonyms.place(value)
const dialled: Replace = (pseudonyms, value) => pseudonyms.dialled(value)
const accountCode: Replace = (pseudonyms, value) => pseudonyms.accountCode(value)
const memberName: Replace = (pseudonyms, value) => pseudonyms.memberName(value)

/** What becomes of the others; one that is not here is left out. */
const REPLACED: Readonly<Record<string, Replace>> = {
  CallerIDNum: callerNumber,
  ConnectedLineNum: callerNumber,
  CallerIDName: callerName,
  ConnectedLineName: callerName,
  Exten: extension,
  Extension: extension,
  ParkingSpace: extension,
  Context: place,
  Queue: place,
  Parkinglot: place,
  AccountCode: accountCode,
  OldAccountCode: accountCode,
  Channel: (pseudonyms, value) => pseudonyms.channel(value),
  DialString: (pseudonyms, value, message) =>
    pseudonyms.dialled(value, message.get('DestChannel')?.startsWith('Local/') === true),
  Interface: dialled,
  StateInterface: dialled,
  Location: dialled,
  MemberName: memberName,
  Name: memberName,
  ActionID: (_pseudonyms, value) => (value.startsWith(OWN_ACTION_ID) ? value : '1'),
  Variable: (_pseudonyms, value) => (/^CHANNEL\(onhold\)=(?:[01]|\(null\))?$/.test(value) ? value : ''),
  ApplicationData: queueOfApplication,
  Data: queueOfApplication,
}

/** A message with everybody in it replaced, and without the headers of which nothing is written or shown. */
export function anonymized(message: AmiMessage, pseudonyms: Pseudonyms): AmiMessage {
  const headers = new Map<string, HeaderValue>()
  for (const [name, value] of message.headers()) {
    const plain = name.replace(PARTY, '')
    const replace = REPLACED[plain]
    if (replace === undefined) {
      if (KEPT.has(plain)) headers.set(name, value)
      continue
    }
    const one = (text: string): string => (text === '' ? '' : replace(pseudonyms, text, message))
    headers.set(name, typeof value === 'string' ? one(value) : value.map(one))
  }
  return new HeaderMessage(headers)
}

/** Of what an application was called with, only the queue is of use. */
function queueOfApplication(pseudonyms: Pseudonyms, value: string, message: AmiMessage): string {
  return message.get('Application') === 'Queue' ? pseudonyms.place(value.split(',')[0] ?? '') : ''
}
