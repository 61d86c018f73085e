import type { AmiMessage } from '../../ami/message.ts'
import { RESYNC_BEGIN, RESYNC_END } from '../../ami/own-events.ts'
import { Comparison } from './comparison.ts'
import { KnownCalls } from './known-calls.ts'
import { ServerLists, startTimeIn } from './server-lists.ts'

/** The sequence number in a Uniqueid, and the second before it: `1800000000.42`, `pbx-1800000000.42`. */
const UNIQUEID = /(?:^|-)(\d{9,11})\.(\d+)$/

/** A sequence that was beyond the second of these and is below the first has begun anew. */
const BEGINNING = 16
const WELL_ON = 10_000

const FOLLOWED: ReadonlySet<string> = new Set(KnownCalls.events)

/**
 * Puts events in where the lists that a live stream holds after each login say that something happened while nobody
 * listened. What reads the stream behind it needs no other notion of a lost connection.
 *
 * A pure state machine without a clock: a replay of the stream gives the same events. It holds nothing back: what was
 * told since the login is newer than what the lists were to mend, and is left as it was told.
 */
export class Resynchroniser {
  /** The events that it reads, list items among them. */
  static readonly events: ReadonlySet<string> = new Set([
    ...KnownCalls.events,
    ...ServerLists.events,
    RESYNC_BEGIN,
    RESYNC_END,
  ])

  private readonly known = new KnownCalls()
  /** A stream in which no session ever says where it begins holds no lists either: it needs no book-keeping. */
  private isLive = false
  /** Those that are coming in; undefined while none are awaited. */
  private lists: ServerLists | undefined
  private startTime: string | undefined
  private sequence = { epoch: 0, number: 0 }
  /** Whether only a new channel's Uniqueid will tell if the server was started anew. */
  private awaitsSequence = false

  /** How many entries all its tables hold: none when the server has no channels. */
  get size(): number {
    return this.known.size
  }

  /** Learns what was known before a restart, of the messages that went on then. */
  restore(messages: readonly AmiMessage[]): void {
    this.isLive = true
    for (const message of messages) {
      this.startTime = startTimeIn(message) ?? this.startTime
      if (message.event === 'Newchannel') this.readSequence(message, [])
      if (FOLLOWED.has(message.event)) this.known.follow(message)
    }
  }

  /**
   * Passes a message on.
   *
   * @param out gets the message at its end, and before it what follows from the lists
   */
  pass(message: AmiMessage, out: AmiMessage[]): void {
    switch (message.event) {
      case RESYNC_BEGIN:
        this.isLive = true
        this.lists = new ServerLists()
        this.known.begin()
        break
      case RESYNC_END:
        this.end(message, out)
        break
      default:
        if (this.isLive) this.follow(message, out)
    }
    out.push(message)
  }

  private follow(message: AmiMessage, out: AmiMessage[]): void {
    this.lists?.read(message)
    if (message.event === 'Newchannel') this.readSequence(message, out)
    if (FOLLOWED.has(message.event)) this.known.follow(message)
  }

  private end(message: AmiMessage, out: AmiMessage[]): void {
    const { lists } = this
    if (lists === undefined) return
    lists.end(message)
    const isOtherServer = lists.startTime !== undefined && this.startTime !== undefined
    const isRestarted = isOtherServer && lists.startTime !== this.startTime
    this.startTime = lists.startTime ?? this.startTime
    this.awaitsSequence = !lists.hasChannels && lists.startTime === undefined
    new Comparison(this.known, lists, message.get('Timestamp') ?? '', out).run(isRestarted)
    this.lists = undefined
    this.known.end()
  }

  /**
   * Where neither a list of channels nor the time of the start can be had, a sequence that begins anew shows that Asterisk
   * did. Channels are not announced quite in the order of their numbers, so a number but a little smaller shows nothing.
   */
  private readSequence(message: AmiMessage, out: AmiMessage[]): void {
    const [, epoch, number] = UNIQUEID.exec(message.get('Uniqueid') ?? '') ?? []
    if (epoch === undefined || number === undefined) return
    const next = { epoch: Number(epoch), number: Number(number) }
    if (
      this.awaitsSequence &&
      next.epoch >= this.sequence.epoch &&
      next.number < BEGINNING &&
      this.sequence.number > WELL_ON
    ) {
      new Comparison(this.known, new ServerLists(), message.get('Timestamp') ?? '', out).run(true)
      this.sequence = next
    }
    this.awaitsSequence = false
    if (next.number > this.sequence.number) this.sequence = next
  }
}
