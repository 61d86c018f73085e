/**
 * Calls alone: what happened to them, by an AMI stream. What a change names (a channel, a dial, a parking) is the model's own
 * object: it tells how things are when it is looked at, and goes on changing.
 *
 * @packageDocumentation
 */

export { type AmiMessage, HeaderMessage, type Headers, type HeaderValue } from './ami/message.ts'
export { AmiStreamError, type ParseReport } from './ami/parser.ts'
export type { Change, Followed } from './calls/change.ts'
export type { Bridge, Channel } from './calls/channels.ts'
export type { Conversation, ConversationEnd, DialOrigin, ParkingOrigin, Side } from './calls/conversations.ts'
export type { Dial, DialBeginning, Leg } from './calls/dial.ts'
export type { HoldParty } from './calls/hearing.ts'
export type { Hold } from './calls/holds.ts'
export type { Parking } from './calls/parkings.ts'
export type { QueueCall } from './calls/queue-calls.ts'
export type { Member } from './calls/queue-members.ts'
export {
  type CallChangesOptions,
  type CallFollower,
  callChanges,
  type FollowCallsOptions,
  followCalls,
} from './streams/call-changes.ts'
export type { ItemStream } from './streams/item-stream.ts'
