import type { AmiMessage } from '../ami/message.ts'
import type { Change } from './change.ts'
import type { Bridge, Channel, ChannelTable } from './channels.ts'
import type { Deadline, Deadlines } from './deadlines.ts'
import { type HoldParty, neighbours, partiesInHold } from './hearing.ts'

/**
 * How long, in ms, music without a Hold waits until it counts as a hold. Parking moves a channel and starts its music
 * within 1 or 2 ms, and the two may be seen in any order.
 */
const WEIGHING_MS = 2

/** One side of a bridge puts the other on music. */
export interface Hold {
  /**
   * All channels that take part, also beyond Local pairs, from the innermost on the holding side to the farthest that
   * hears the music.
   */
  readonly parties: readonly HoldParty[]
  /** The channel that the signal named: the one that holds, or the one that hears the music. */
  readonly named: { readonly channel: Channel; readonly side: HoldParty['side'] }
  /** The channel of the Hold, until its Unhold; undefined if only music shows the hold. */
  holder: Channel | undefined
  /** Who hears the music. */
  readonly hearers: Set<Channel>
  /** The channels that the holder has put on hold. */
  held: readonly Channel[]
  /** Those of them whose music has stopped since. */
  readonly interrupted: Set<Channel>
}

/** Music that began and may be a hold, or not: its channel may be on its way into a parking lot. */
interface NewMusic {
  readonly bridge: Bridge | undefined
  readonly others: readonly Channel[]
  /** ms since the epoch */
  readonly at: number
  readonly weighing: Deadline
}

/**
 * The holds in all bridges.
 *
 * Two kinds of signals show a hold, and one of them is enough: Hold and Unhold on the channel that holds,
 * MusicOnHoldStart and MusicOnHoldStop on the channel that hears the music. A hold with a Hold ends with its Unhold:
 * music may stop before that for an announcement, or because it cannot be played (both recorded on 22.10). After an
 * announcement it comes back for a millisecond even if the hold is over (out_hold_announcements, 16.28 and 22.10).
 */
export class Holds {
  static readonly events = ['Hold', 'Unhold', 'MusicOnHoldStart', 'MusicOnHoldStop']

  private readonly channels: ChannelTable
  private readonly deadlines: Deadlines
  private readonly tell: (change: Change) => void
  private readonly byHolder = new Map<Channel, Hold>()
  private readonly byHeld = new Map<Channel, Hold>()
  private readonly byHearer = new Map<Channel, Hold>()
  private readonly newMusic = new Map<Channel, NewMusic>()
  /** Channels whose music was interrupted when their hold ended: music may start there once more without a new hold. */
  private readonly lateMusic = new Set<Channel>()

  constructor(channels: ChannelTable, deadlines: Deadlines, tell: (change: Change) => void) {
    this.channels = channels
    this.deadlines = deadlines
    this.tell = tell
  }

  get size(): number {
    return this.byHolder.size + this.byHeld.size + this.byHearer.size + this.newMusic.size + this.lateMusic.size
  }

  apply(message: AmiMessage, at: number): void {
    const channel = this.channels.find(message.get('Uniqueid'))
    if (channel === undefined) return
    switch (message.event) {
      case 'Hold':
        this.hold(channel, at)
        break
      case 'Unhold':
        this.unhold(channel, at)
        break
      case 'MusicOnHoldStart':
        this.startMusic(channel, at)
        break
      case 'MusicOnHoldStop':
        this.stopMusic(channel, at)
        break
    }
  }

  /** The channel has left its bridge: it holds nobody there any more, and nobody there holds it. */
  left(channel: Channel, at: number): void {
    this.lateMusic.delete(channel)
    this.release(this.byHolder.get(channel), at)
    const hold = this.byHeld.get(channel)
    if (hold !== undefined) this.end(hold, at)
  }

  /** @param at ms since the epoch */
  gone(channel: Channel, at: number): void {
    this.newMusic.delete(channel)
    this.left(channel, at)
    this.falls(channel, at)
  }

  private hold(channel: Channel, at: number): void {
    if (this.byHolder.has(channel)) return
    const held = neighbours(channel)
    if (channel.bridge?.isConference === true) {
      this.passOver(channel, 'no hold: the channel is in a conference, and the others continue to talk', at)
      return
    }
    // Music may have shown it already.
    const [heard] = held.flatMap((one) => this.byHearer.get(one) ?? [])
    const hold = heard?.holder === undefined ? heard : undefined
    const one = hold ?? this.begin({ channel, side: 'holding' }, [channel], held, at)
    one.holder = channel
    one.held = held
    this.byHolder.set(channel, one)
    for (const other of held) {
      this.byHeld.set(other, one)
      this.lateMusic.delete(other)
    }
  }

  private unhold(channel: Channel, at: number): void {
    const hold = this.byHolder.get(channel)
    if (hold === undefined) return
    for (const one of hold.interrupted) this.lateMusic.add(one)
    this.end(hold, at)
  }

  /** Music without a Hold counts as a hold only a moment later: it may be the music of a parking lot, or of a queue. */
  private startMusic(channel: Channel, at: number): void {
    if (this.newMusic.has(channel) || this.byHearer.has(channel)) return
    const hold = this.byHeld.get(channel)
    if (hold !== undefined) {
      this.addHearer(hold, channel)
      return
    }
    if (this.lateMusic.delete(channel)) {
      this.passOver(channel, 'no hold: the hold is over; only its music starts again after an announcement', at)
      return
    }
    const weighing = this.deadlines.after(WEIGHING_MS, () => this.weigh(channel))
    this.newMusic.set(channel, { bridge: channel.bridge, others: neighbours(channel), at, weighing })
  }

  private weigh(channel: Channel): void {
    const music = this.newMusic.get(channel)
    if (music === undefined) return
    music.weighing.cancel()
    this.newMusic.delete(channel)
    const { bridge, at } = music
    if (bridge !== undefined && channel.bridge !== bridge) {
      this.passOver(channel, 'no hold: the music began when the channel left its bridge, perhaps for a parking lot', at)
      return
    }
    const told = this.byHeld.get(channel)
    if (told !== undefined) {
      this.addHearer(told, channel)
      return
    }
    const now = neighbours(channel)
    const others = now.length > 0 ? now : music.others
    // Nobody holds a channel that is alone in its bridge.
    if (others.length === 0) {
      this.passOver(
        channel,
        'no hold: the channel hears the music alone, in a queue, in a parking lot or in the dialplan',
        at,
      )
      return
    }
    this.addHearer(this.begin({ channel, side: 'held' }, others, [channel], at), channel)
  }

  private stopMusic(channel: Channel, at: number): void {
    // Music that stops in the millisecond of its start was a hold, too: without timestamps no time passes.
    this.weigh(channel)
    this.falls(channel, at)
  }

  /** The channel does not hear music any more. */
  private falls(channel: Channel, at: number): void {
    const hold = this.byHearer.get(channel)
    if (hold === undefined) return
    this.byHearer.delete(channel)
    hold.hearers.delete(channel)
    if (hold.holder !== undefined) hold.interrupted.add(channel)
    if (hold.holder === undefined && hold.hearers.size === 0) this.end(hold, at)
  }

  private begin(named: Hold['named'], holding: readonly Channel[], held: readonly Channel[], at: number): Hold {
    const parties = partiesInHold([...holding], [...held])
    const hold: Hold = { parties, named, holder: undefined, hearers: new Set(), held: [], interrupted: new Set() }
    this.tell({ kind: 'hold-begun', hold, at })
    return hold
  }

  private addHearer(hold: Hold, channel: Channel): void {
    hold.hearers.add(channel)
    hold.interrupted.delete(channel)
    this.byHearer.set(channel, hold)
  }

  /** The Hold is over, but the music may go on (`*2`: the holder consults another party in a separate bridge). */
  private release(hold: Hold | undefined, at: number): void {
    if (hold?.holder === undefined) return
    this.byHolder.delete(hold.holder)
    for (const one of hold.held) if (this.byHeld.get(one) === hold) this.byHeld.delete(one)
    hold.holder = undefined
    hold.held = []
    if (hold.hearers.size === 0) this.end(hold, at)
  }

  private end(hold: Hold, at: number): void {
    if (hold.holder !== undefined) this.byHolder.delete(hold.holder)
    for (const one of hold.held) if (this.byHeld.get(one) === hold) this.byHeld.delete(one)
    for (const one of hold.hearers) this.byHearer.delete(one)
    hold.hearers.clear()
    hold.holder = undefined
    this.tell({ kind: 'hold-ended', hold, at })
  }

  private passOver({ uniqueid }: Channel, reason: string, at: number): void {
    this.tell({ kind: 'passed-over', what: 'holds', uniqueid, reason, at })
  }
}
