import type { AmiEvent } from './events.ts'

interface Channel {
  name: string
  account: string
  bridge: string
  isUp: boolean
  /** It has pressed hold. */
  holds: boolean
  /** It hears music. */
  isOnMusic: boolean
}

interface Member {
  name: string
  interface: string
  stateInterface: string
}

/** Channels, bridges and members of a server, as its events tell of them. */
export class Server {
  private readonly channels = new Map<string, Channel>()
  private readonly byName = new Map<string, string>()
  /** The technology of each bridge. */
  private readonly bridges = new Map<string, string>()
  private readonly members = new Map<string, Member>()
  private readonly optimised = new Set<string>()

  apply({ name, get }: AmiEvent): void {
    for (const role of ['', 'Dest', 'LocalOne', 'LocalTwo']) this.see(get(`${role}Uniqueid`), get(`${role}Channel`))
    const channel = this.channels.get(get('Uniqueid'))
    switch (name) {
      case 'LocalOptimizationEnd':
        for (const role of ['LocalOne', 'LocalTwo']) this.optimised.add(get(`${role}Uniqueid`))
        break
      case 'QueueMemberAdded':
      case 'AgentConnect':
        this.addMember(get('Queue'), get('MemberName'), get('Interface'), get('StateInterface'))
        break
      case 'QueueMember':
        this.addMember(get('Queue'), get('Name'), get('Location'), get('StateInterface'))
        break
      case 'QueueMemberRemoved':
        this.members.delete(`${get('Queue')} ${get('Interface')}`)
        break
    }
    if (channel === undefined) return
    if (get('AccountCode') !== '') channel.account = get('AccountCode')
    if (get('ChannelState') === '6') channel.isUp = true
    switch (name) {
      case 'BridgeEnter':
        // A bridge becomes a conference a moment after its third channel has come.
        this.bridges.set(
          get('BridgeUniqueid'),
          Number(get('BridgeNumChannels')) > 2 ? 'softmix' : get('BridgeTechnology'),
        )
        channel.bridge = get('BridgeUniqueid')
        this.leave(get('SwapUniqueid'), get('BridgeUniqueid'))
        break
      case 'BridgeLeave':
        this.leave(get('Uniqueid'), get('BridgeUniqueid'))
        break
      case 'Hold':
        channel.holds = true
        break
      case 'Unhold':
        channel.holds = false
        break
      case 'MusicOnHoldStart':
        channel.isOnMusic = true
        break
      case 'MusicOnHoldStop':
        channel.isOnMusic = false
        break
      case 'Hangup':
        this.leave(get('Uniqueid'), channel.bridge)
        if (this.byName.get(channel.name) === get('Uniqueid')) this.byName.delete(channel.name)
        break
    }
  }

  channel(uniqueid: string): Readonly<Channel> | undefined {
    return this.channels.get(uniqueid)
  }

  isUp(uniqueid: string): boolean {
    return this.channels.get(uniqueid)?.isUp ?? false
  }

  /** The other half of a Local pair; undefined for a channel that is none. */
  halfBehind(uniqueid: string): string | undefined {
    const [, pair, half] = /^(Local\/.*);([12])$/.exec(this.channels.get(uniqueid)?.name ?? '') ?? []
    return pair === undefined ? undefined : this.byName.get(`${pair};${half === '1' ? 2 : 1}`)
  }

  /** The channels, no Local halves, that hear a channel: in its bridge, or through pairs that have a half there. */
  heardBy(uniqueid: string, past = new Set<string>()): Set<string> {
    past.add(uniqueid)
    const heard = new Set<string>()
    for (const other of this.besides(uniqueid)) {
      if (past.has(other)) continue
      const half = this.halfBehind(other)
      if (half !== undefined) for (const one of this.heardBy(half, past.add(other))) heard.add(one)
      else if (!this.channels.get(other)?.name.startsWith('Local/')) heard.add(other)
    }
    return heard
  }

  /** Whether a channel has pressed hold; in a conference the others talk on. */
  holds(uniqueid: string): boolean {
    const channel = this.channels.get(uniqueid)
    const isConference = this.bridges.get(channel?.bridge ?? '') === 'softmix'
    return channel?.holds === true && !isConference && this.besides(uniqueid).length > 0
  }

  /** Those in the bridge of a channel who hear music. */
  onMusicWith(uniqueid: string): string[] {
    return this.besides(uniqueid).filter((other) => this.channels.get(other)?.isOnMusic)
  }

  /** Whether a half of a Local pair is gone, and those at its ends talk without it. */
  isOptimised(uniqueid: string): boolean {
    return this.optimised.has(uniqueid)
  }

  /** `PJSIP/1001` of `PJSIP/1001-0000002a`. */
  phoneOf(uniqueid: string): string {
    return (this.channels.get(uniqueid)?.name ?? '').replace(/-[^-]*$/, '')
  }

  /** The name of the member whose phone it is, else the phone. */
  personAt(phone: string): string {
    const number = phone.replace(/^.*\//, '')
    const all = [...this.members.values()].reverse()
    const own = all.find((member) => member.interface === phone)
    const bound = [
      own,
      all.find((member) => member.stateInterface === phone),
      all.find((member) => member.interface.startsWith(`Local/${number}@`)),
      all.find((member) => member.stateInterface.startsWith(`hint:${number}@`)),
    ].find((member) => member !== undefined)
    return bound === undefined || bound.name === '' || bound.name === bound.interface ? phone : bound.name
  }

  private besides(uniqueid: string): string[] {
    const bridge = this.channels.get(uniqueid)?.bridge ?? ''
    if (bridge === '' || this.bridges.get(bridge) === 'holding_bridge') return []
    return [...this.channels].filter(([id, one]) => id !== uniqueid && one.bridge === bridge).map(([id]) => id)
  }

  private leave(uniqueid: string, bridge: string): void {
    const channel = this.channels.get(uniqueid)
    if (channel !== undefined && channel.bridge === bridge) channel.bridge = ''
  }

  private see(uniqueid: string, name: string): void {
    if (uniqueid === '' || name === '') return
    const known = this.channels.get(uniqueid)
    if (known !== undefined) known.name = name
    else {
      const none = { account: '', bridge: '', isUp: false, holds: false, isOnMusic: false }
      this.channels.set(uniqueid, { name, ...none })
    }
    this.byName.set(name, uniqueid)
  }

  private addMember(queue: string, name: string, own: string, stateInterface: string): void {
    const key = `${queue} ${own}`
    const known = this.members.get(key)
    this.members.delete(key)
    this.members.set(key, { name, interface: own, stateInterface: stateInterface || (known?.stateInterface ?? '') })
  }
}
