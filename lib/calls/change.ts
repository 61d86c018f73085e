import type { Channel } from './channels.ts'
import type { Conversation, ConversationEnd } from './conversations.ts'
import type { Dial } from './dial.ts'
import type { Hold } from './holds.ts'
import type { Parking } from './parkings.ts'
import type { QueueCall } from './queue-calls.ts'
import type { Member } from './queue-members.ts'

/**
 * What happened to calls, as the stream shows it. Trackers write lines for changes and read nothing else.
 *
 * A message makes zero or more changes, and so does time that passes.
 */
export type Change = { /** When it happened: ms since the epoch. */ readonly at: number } & (
  | { readonly kind: 'dialled'; readonly dial: Dial }
  /** No leg of the dial rings any more. The dial goes on if its channel dials again. */
  | { readonly kind: 'dial-silent'; readonly dial: Dial; readonly reason: string }
  /** The dial is over, and nobody has answered. */
  | { readonly kind: 'dial-over'; readonly dial: Dial; readonly waitedUntil: number }
  | { readonly kind: 'connected'; readonly conversation: Conversation }
  | { readonly kind: 'parted'; readonly conversation: Conversation; readonly end: ConversationEnd }
  | { readonly kind: 'queue-connected' | 'queue-completed'; readonly call: QueueCall }
  | { readonly kind: 'parked' | 'parking-swapped'; readonly parking: Parking }
  /** The call is not parked any more, and nobody has picked it up. (A pick-up is the change `connected`.) */
  | { readonly kind: 'parking-over'; readonly parking: Parking; readonly how: 'given up' | 'timed out' }
  | { readonly kind: 'hold-begun' | 'hold-ended'; readonly hold: Hold }
  /** The channel that asked to hang up, and those it speaks for: the Local halves between it and the others. */
  | { readonly kind: 'hangup-requested'; readonly parties: readonly Channel[] }
  /** A channel has entered a bridge: `halves` are the Local halves through which it is heard in other bridges. */
  | { readonly kind: 'joined'; readonly halves: readonly Channel[] }
  | { readonly kind: 'member-added' | 'member-removed'; readonly member: Member }
  /** From now on it is known whether Asterisk itself logs members in and out by name. */
  | { readonly kind: 'member-names-logged'; readonly areLogged: boolean }
  | { readonly kind: 'replaced'; readonly half: Channel; readonly by: Channel }
  | { readonly kind: 'gone'; readonly channel: Channel }
  /** The stream has a gap: until `gap-known`, nobody knows what happened since. */
  | { readonly kind: 'gap' | 'gap-known' }
  /**
   * Something that looks like another change is not one: the reason, for explain. `uniqueid` is '' if no channel is
   * concerned.
   */
  | { readonly kind: 'passed-over'; readonly what: Followed; readonly uniqueid: string; readonly reason: string }
)

/** What the model of calls can follow. */
export type Followed = 'dials' | 'parkings' | 'queue-calls' | 'holds' | 'members'
