import type { AmiMessage } from '../../ami/message.ts'
import { RESYNC_BEGIN, RESYNC_END } from '../../ami/own-events.ts'
import type { Calls } from '../calls.ts'
import { Comparison } from './comparison.ts'
import { EventFacts } from './event-facts.ts'
import { ServerLists, startTimeIn } from './server-lists.ts'

/** The second and the sequence number in a Uniqueid: `1800000000.42`, `pbx-1800000000.42`. */
const UNIQUEID = /(?:^|-)(\d{9,11})\.(\d+)$/

/** A sequence that was above the second number and is now below the first one has started again. */
const BEGINNING = 16
const WELL_ON = 10_000

/**
 * Compares the model with the lists that a live stream has after each login. What happened while nobody listened is put
 * into the stream, as the events that were missed. So no other reader of the stream needs to know about a lost
 * connection.
 *
 * It has no clock: a replay of the stream gives the same events. It holds nothing back: events since the login are
 * newer than the gap, and stay as they are.
 */
export class Resynchroniser {
  private readonly calls: Calls
  private readonly facts: EventFacts
  private readonly insert: (message: AmiMessage) => void
  /** A stream without ResyncBegin has no lists either: it needs no book-keeping. */
  private hasSessions = false
  /** The lists that are coming in; undefined while none are awaited. */
  private lists: ServerLists | undefined
  private startTime: string | undefined
  private sequence = { epoch: 0, number: 0 }
  /** Whether only the Uniqueid of a new channel will show if the server was restarted. */
  private awaitsSequence = false

  /** @param insert puts an event into the stream, where the model reads it at once */
  constructor(calls: Calls, insert: (message: AmiMessage) => void) {
    this.calls = calls
    this.facts = new EventFacts(calls.channels)
    this.insert = insert
  }

  /** How many entries all its tables hold: none when the server has no channels. */
  get size(): number {
    return this.facts.size
  }

  /** Learns what was known before a restart, from a message of that time that the model will read next. */
  restore(message: AmiMessage): void {
    this.begin()
    this.startTime = startTimeIn(message) ?? this.startTime
    this.readSequence(message, false)
  }

  /**
   * Looks at a message before the model reads it: the events that follow from the lists come before it in the stream.
   */
  before(message: AmiMessage): void {
    if (message.event === RESYNC_BEGIN) {
      this.begin()
      this.lists = new ServerLists()
      this.facts.begin()
    } else if (message.event === RESYNC_END) this.end(message)
    else if (this.hasSessions) {
      this.lists?.read(message)
      this.readSequence(message, true)
    }
  }

  /** Looks at a message that the model has read. */
  after(message: AmiMessage): void {
    if (this.hasSessions) this.facts.follow(message)
  }

  private begin(): void {
    this.hasSessions = true
    // The lists have everything, even what the trackers do not follow.
    this.calls.followAll()
  }

  private end(message: AmiMessage): void {
    const { lists } = this
    if (lists === undefined) return
    lists.end(message)
    const isOtherServer = lists.startTime !== undefined && this.startTime !== undefined
    const isRestarted = isOtherServer && lists.startTime !== this.startTime
    this.startTime = lists.startTime ?? this.startTime
    this.awaitsSequence = !lists.hasChannels && lists.startTime === undefined
    this.compare(lists, message, isRestarted)
    this.lists = undefined
    this.facts.end()
  }

  private compare(lists: ServerLists, message: AmiMessage, isRestarted: boolean): void {
    new Comparison(this.calls, this.facts, lists, message.get('Timestamp') ?? '', this.insert).run(isRestarted)
  }

  /**
   * If neither a list of channels nor the start time is available, a sequence that starts again shows that Asterisk was
   * restarted. Channels are not announced exactly in the order of their numbers, so a slightly smaller number shows
   * nothing.
   */
  private readSequence(message: AmiMessage, mayCompare: boolean): void {
    if (message.event !== 'Newchannel') return
    const [, epoch, number] = UNIQUEID.exec(message.get('Uniqueid') ?? '') ?? []
    if (epoch === undefined || number === undefined) return
    const next = { epoch: Number(epoch), number: Number(number) }
    const isAnew = next.epoch >= this.sequence.epoch && next.number < BEGINNING && this.sequence.number > WELL_ON
    if (mayCompare && this.awaitsSequence && isAnew) {
      this.compare(new ServerLists(), message, true)
      this.sequence = next
    }
    this.awaitsSequence = false
    if (next.number > this.sequence.number) this.sequence = next
  }
}
