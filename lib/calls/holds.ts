import type { AmiMessage } from '../ami/message.ts'
import type { Change } from './change.ts'
import type { Bridge, Channel, ChannelTable } from './channels.ts'
import type { Deadline, Deadlines } from './deadlines.ts'
import { type HoldParty, neighbours, partiesInHold } from './hearing.ts'

/**
 * How long, in ms, music alone waits to be a hold. Parking moves a channel and starts its music within one or two, and
 * the two may be seen in any order.
 */
const WEIGHING_MS = 2

/** One side of a bridge puts the other on music. */
export interface Hold {
  /**
   * All who take part, also beyond Local pairs, from the innermost of those who hold to the farthest of those who hear the
   * music.
   */
  readonly parties: readonly HoldParty[]
  /** The channel that the signal named: that which holds, or that which hears the music. */
  readonly named: { readonly channel: Channel; readonly side: HoldParty['side'] }
  /** Who holds by a Hold, until its Unhold; undefined where only the music tells of it. */
  holder: Channel | undefined
  /** Who hears the music. */
  readonly hearers: Set<Channel>
  /** Those whom the holder has put on hold. */
  held: readonly Channel[]
  /** Those of them whose music has stopped meanwhile. */
  readonly interrupted: Set<Channel>
}

/** Music that began but is not yet known to be a hold: its channel may be on its way into a parking lot. */
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
 * Two kinds of signal tell of a hold, and either suffices: Hold and Unhold on the channel that holds, MusicOnHoldStart and
 * MusicOnHoldStop on the channel that hears the music. Where there was a Hold, its Unhold ends it: music may stop
 * meanwhile for an announcement, or because it cannot be played (both recorded on 22.10). Behind an announcement it comes
 * back for a millisecond even if the hold is over (out_hold_announcements, 16.28 and 22.10).
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
  /** Whose music was interrupted when their hold ended: once more, music may be none of another hold. */
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

  /** The channel is in its bridge no more: nobody whom it holds there, or who holds it there, knows it on hold. */
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
      this.passOver(channel, 'no hold: it is in a conference, where the others talk on', at)
      return
    }
    // Music may have told of it already.
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

  /** Music alone says a hold only a moment later: it may be that of a parking lot, or of a queue. */
  private startMusic(channel: Channel, at: number): void {
    if (this.newMusic.has(channel) || this.byHearer.has(channel)) return
    const hold = this.byHeld.get(channel)
    if (hold !== undefined) {
      this.addHearer(hold, channel)
      return
    }
    if (this.lateMusic.delete(channel)) {
      this.passOver(channel, 'no hold: its music comes back behind an announcement, as the hold is over', at)
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
      this.passOver(channel, 'no hold: its music began as it moved, into a parking lot perhaps', at)
      return
    }
    const told = this.byHeld.get(channel)
    if (told !== undefined) {
      this.addHearer(told, channel)
      return
    }
    const now = neighbours(channel)
    const others = now.length > 0 ? now : music.others
    // Nobody puts a channel on music that is alone in its bridge.
    if (others.length === 0) {
      this.passOver(channel, 'no hold: it hears the music alone, in a queue, a lot or the dialplan', at)
      return
    }
    this.addHearer(this.begin({ channel, side: 'held' }, others, [channel], at), channel)
  }

  private stopMusic(channel: Channel, at: number): void {
    // Music that stops in the millisecond of its start was a hold all the same: without timestamps no time passes.
    this.weigh(channel)
    this.falls(channel, at)
  }

  /** The channel hears no music any more. */
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

  /** What the Hold told is over; the music may go on (`*2`: the one who holds consults another in a bridge of their own). */
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
