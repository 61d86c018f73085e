import type { AmiClient, AmiHeaders } from './ami-client.ts'
import { type Lane, laneOf } from './lanes.ts'
import { within } from './patience.ts'

/** ami-track waits for a closure no longer than a second. */
const LATE_MS = 800

interface Channel {
  name: string
  uniqueid: string
  /** undefined: of lane 0, or of none. */
  lane: Lane | undefined
}

/** The channels of a server, by the events that come. */
export class Channels {
  private readonly byUniqueid = new Map<string, Channel>()
  /** By the numbers of lanes; what is of no lane is of lane 0. */
  private readonly byLane = new Map<number, Set<Channel>>()
  private readonly transferredAt = new Map<string, number>()
  private readonly ami: AmiClient

  /** The Uniqueids of queue calls that Asterisk has closed long after the transfer that ended them. */
  readonly closedLate = new Set<string>()

  constructor(ami: AmiClient) {
    this.ami = ami
    ami.on('message', (message) => this.follow(message))
  }

  /** The names of a lane's channels that begin so, the oldest first. */
  named(lane: Lane, beginning: string): string[] {
    return this.of(lane)
      .map(({ name }) => name)
      .filter((name) => name.startsWith(beginning))
  }

  /** Waits until a lane has no channels. */
  async gone(lane: Lane, ms?: number): Promise<void> {
    let check = (): void => {}
    const gone = new Promise<void>((resolve) => {
      check = () => {
        if ((this.byLane.get(lane.number)?.size ?? 0) === 0) resolve()
      }
      this.ami.on('message', check)
      check()
    })
    await within(gone, 'the end of all channels of the flow', ms)
      .catch((error: Error) => {
        const left = this.of(lane).map(({ name }) => name)
        throw new Error(`${error.message}; left are ${left.join(', ')}`)
      })
      .finally(() => this.ami.off('message', check))
  }

  private of(lane: Lane): Channel[] {
    return [...(this.byLane.get(lane.number) ?? [])]
  }

  private follow(message: AmiHeaders): void {
    const uniqueid = message.get('uniqueid') ?? ''
    if (message.get('event') === 'Hangup') {
      const channel = this.byUniqueid.get(uniqueid)
      if (channel === undefined) return
      this.byUniqueid.delete(uniqueid)
      this.byLane.get(channel.lane?.number ?? 0)?.delete(channel)
    } else if (message.get('event') === 'BlindTransfer') {
      const transferee = message.get('transfereeuniqueid') ?? ''
      if (!this.transferredAt.has(transferee)) this.transferredAt.set(transferee, performance.now())
    } else if (message.get('event') === 'AgentComplete') {
      // So late that the caller has hung up, it names the member's leg alone.
      const caller = uniqueid || (message.get('destlinkedid') ?? '')
      const lag = performance.now() - (this.transferredAt.get(caller) ?? Number.POSITIVE_INFINITY)
      if (lag > LATE_MS) this.closedLate.add(caller)
      this.transferredAt.delete(caller)
    } else if (message.get('event') === 'Newchannel') {
      const name = message.get('channel') ?? ''
      const known = this.byUniqueid.get(message.get('linkedid') ?? '')?.lane
      const lane = laneOf(name, message.get('calleridnum') ?? '') ?? known
      const channel = { name, uniqueid, lane }
      this.byUniqueid.set(uniqueid, channel)
      const number = lane?.number ?? 0
      this.byLane.set(number, (this.byLane.get(number) ?? new Set()).add(channel))
    }
  }
}
