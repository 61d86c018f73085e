import type { AmiClient, AmiHeaders, Wanted } from './ami-client.ts'
import { AriApplication } from './ari.ts'
import type { Channels } from './channels.ts'
import { phonePort, SECOND } from './config/endpoints.ts'
import { callerIn, extensionIn, extensions, type Lane, type Role, type Trunk } from './lanes.ts'
import { PhoneHolds } from './phone-holds.ts'
import type { ServerEntry, Technology } from './servers.ts'
import type { Call } from './sip/call.ts'
import { type Manner, Phone } from './sip/phone.ts'

/** How long Asterisk may take to end the rest of a call that somebody has ended. */
const ENDING_MS = 1500

/** A name of chan_pjsip in a technology. */
export function inTechnology(name: string, technology: Technology): string {
  return name.replace(/^PJSIP\//, `${technology}/`)
}

interface Member {
  queue: string
  member: string
  name: string | undefined
}

/** What a flow has to play with: the phones, queues and lots of its lane, under the names that they have in lane 0. */
export class Stage {
  readonly lane: Lane
  /** What its phones did, to be compared with the times of lines. */
  readonly holds = new PhoneHolds()
  private readonly ami: AmiClient
  private readonly server: ServerEntry
  private readonly channels: Channels
  private readonly isSilent: boolean
  private readonly phones: Phone[] = []
  private readonly members: Member[] = []
  private readonly applications: AriApplication[] = []

  /** @param isSilent whether there is no audio in the calls of its phones */
  constructor(lane: Lane, server: ServerEntry, ami: AmiClient, channels: Channels, isSilent = false) {
    this.lane = lane
    this.server = server
    this.ami = ami
    this.channels = channels
    this.isSilent = isSilent
  }

  // ---- phones

  /** The phone of an extension. By default it answers after a moment. */
  phone(role: Role, manner?: Manner): Promise<Phone> {
    return this.open(
      extensionIn(this.lane, extensions[role].number),
      phonePort(this.server.ports, this.lane, role),
      manner,
    )
  }

  /** The other phone of 1005. */
  secondPhone(manner?: Manner): Promise<Phone> {
    return this.open(extensionIn(this.lane, '1005'), phonePort(this.server.ports, this.lane, SECOND), manner)
  }

  /** The world behind a trunk. */
  trunk(manner: Manner = { answerAfter: 1 }, trunk: Trunk = 'trunk'): Promise<Phone> {
    return this.open(`${trunk}${this.lane.suffix}`, phonePort(this.server.ports, this.lane, trunk), manner)
  }

  /** Somebody outside who calls in. */
  caller(): Promise<Phone> {
    return this.open(callerIn(this.lane), 0)
  }

  /** A call from outside to a queue, by its extension. */
  async callIn(extension: string): Promise<Call> {
    return (await this.caller()).dial(`${this.lane.number}${extension}`)
  }

  /** An extension of lane 0 as it is here: to be dialled. */
  extension(number: string): string {
    return number.replace(/10\d\d$/, (plain) => extensionIn(this.lane, plain))
  }

  // ---- Asterisk

  /** A name of lane 0 as it is here. */
  named(name: string): string {
    return `${name}${this.lane.suffix}`
  }

  /** An interface of lane 0 as it is here: `PJSIP/1001`, `Local/1002@from-queue/n`. */
  interface(name: string): string {
    const here = name.replace(/10\d\d/, (plain) => extensionIn(this.lane, plain))
    return inTechnology(here, this.server.technology)
  }

  /** Adds a member to a queue, until {@link removeMembers}: QueueAdd. Its lines are among those expected. */
  async addMember(
    queue: string,
    member: string,
    options: { name?: string; stateInterface?: string } = {},
  ): Promise<void> {
    const { name, stateInterface } = options
    await this.ami.action('QueueAdd', {
      Queue: this.named(queue),
      Interface: this.interface(member),
      ...(name === undefined ? {} : { MemberName: this.named(name) }),
      ...(stateInterface === undefined ? {} : { StateInterface: this.interface(stateInterface) }),
    })
    this.members.push({ queue, member, name })
  }

  async removeMembers(): Promise<void> {
    for (const { queue, member } of this.members) {
      await this.ami.action('QueueRemove', { Queue: this.named(queue), Interface: this.interface(member) })
    }
  }

  /** The lines of the members, as expected lines: of one with a name, its log-in by the interface is made one by the name. */
  get memberLines(): string {
    return this.members
      .map(({ queue, member, name }) => {
        const added = `MANAGER|${queue}|${member}|ADDMEMBER|`
        const removed = `MANAGER|${queue}|${member}|REMOVEMEMBER|`
        if (name === undefined) return `${added}\n${removed}`
        const renamed = [
          `+ ${removed}`,
          `+ MANAGER|${queue}|${name}|HOTDESKING|${member}`,
          `+ MANAGER|${queue}|${name}|ADDMEMBER|`,
          `+ MANAGER|${queue}|${name}|REMOVEMEMBER|`,
        ]
        return `${[added, ...renamed].join('\n')}\n\n${removed}`
      })
      .join('\n\n')
  }

  /** The channel of an extension or trunk, the oldest if there are more. */
  channelOf(name: string): string {
    const [channel] = this.channelsOf(name)
    if (channel === undefined) throw new Error(`there is no channel of ${name}`)
    return channel
  }

  /** All of its channels, the oldest first. */
  channelsOf(name: string): string[] {
    const { technology } = this.server
    return this.channels.named(this.lane, `${this.ofChannels(inTechnology(name, technology))}-`)
  }

  private ofChannels(name: string): string {
    if (/\/10\d\d/.test(name)) return this.interface(name)
    if (name === 'PJSIP/anonymous') return name
    // chan_sip names the channel of a guest by the host that it says it is of.
    return name === 'SIP/anonymous' ? 'SIP/127.0.0.1' : this.named(name)
  }

  /** An action that may end a hold or a call. */
  action(name: string, headers: Readonly<Record<string, string>>): Promise<AmiHeaders> {
    return this.holds.mayEnd(() => this.ami.action(name, headers))
  }

  /** An ARI application, until the flow is over. */
  async ari(): Promise<AriApplication> {
    const application = await AriApplication.open(this.server.ports.http)
    this.applications.push(application)
    return application
  }

  event(name: string, wanted: Wanted = {}): Promise<AmiHeaders> {
    return this.ami.event(name, wanted)
  }

  /** Does what parks a call, and says where it is parked. */
  async parkingSpace(park: () => Promise<unknown>, lot = 'default'): Promise<string> {
    const parked = this.event('ParkedCall', { Parkinglot: this.named(lot) })
    await park()
    return (await parked).get('parkingspace') ?? ''
  }

  /** Presses `*2` or `#1`, and dials when Asterisk asks for the number. */
  async pressAndDial(call: Call, channel: string, keys: string, extension: string): Promise<void> {
    const asked = this.event('Hold', { Channel: this.channelOf(channel) })
    await call.pressToHold(keys)
    await asked
    const dial = (): Promise<void> => call.press(this.extension(extension))
    // A blind transfer is done with the last digit; a consultation begins with it.
    await (keys === '#1' ? this.holds.mayEnd(dial) : dial())
  }

  /** Does what completes an attended transfer of a channel, and waits until it is. */
  async transferred(transferer: string, complete: () => Promise<void>): Promise<void> {
    const done = this.event('AttendedTransfer', { OrigTransfererChannel: this.channelOf(transferer) })
    await complete()
    await done
  }

  /** Joins the other parties of two calls of a phone. */
  joinCalls(call: Call, consultation: Call, transferer: string): Promise<void> {
    return this.transferred(transferer, () => call.transferInto(consultation))
  }

  /** The Redirect action: takes a channel to an extension. */
  async redirect(channel: string, extension: string, extra: Readonly<Record<string, string>> = {}): Promise<void> {
    const context = this.named('from-internal')
    const to = { Channel: this.channelOf(channel), Context: context, Exten: this.extension(extension), Priority: '1' }
    await this.action('Redirect', { ...to, ...extra })
  }

  // ---- the end

  /** Hangs up what does not end by itself. */
  async clear(): Promise<void> {
    // A phone that hung up at once would be one more who ends the call.
    await this.channels.gone(this.lane, ENDING_MS).catch(() => {})
    await Promise.all(this.phones.map((phone) => phone.close()))
    await this.channels.gone(this.lane)
    for (const application of this.applications) application.close()
  }

  /** Puts the phones away: there is no Asterisk any more to tell. */
  abandon(): void {
    for (const phone of this.phones.splice(0)) phone.abandon()
  }

  private async open(user: string, port: number, manner?: Manner): Promise<Phone> {
    const { holds, isSilent, server } = this
    // chan_sip loses the other party if the BYE comes before that one has left the bridge, some 3 ms later (16.28).
    const hesitation = server.technology === 'SIP' ? 0.1 : 0
    const phone = await Phone.open({ user, port, server: server.ports.sip, isSilent, holds, hesitation })
    if (manner !== undefined) phone.manner = manner
    this.phones.push(phone)
    return phone
  }
}
