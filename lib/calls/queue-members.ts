import { type AmiMessage, HeaderMessage } from '../ami/message.ts'
import { isOfResync, LISTS, MEMBER_NAMES_LOGGED, RESYNC_BEGIN, RESYNC_END, VALUE } from '../ami/own-events.ts'
import type { Change } from './change.ts'
import { numberInDialString } from './dialled-number.ts'

/** How many members of all queues are remembered. Only an attacker has more. */
const MAX_MEMBERS = 100_000

/** A member of a queue. */
export interface Member {
  /** The queue. */
  readonly queue: string
  /** The MemberName. */
  readonly name: string
  /** `PJSIP/1001`, `Local/1001@from-queue/n` */
  readonly interface: string
  /** '' if it is unknown. */
  readonly stateInterface: string
  /**
   * Whether it logs in and out, with lines of Asterisk. Members in queues.conf and realtime members are always there
   * while they are configured.
   */
  readonly isDynamic: boolean
  /** Whether it takes no calls. */
  readonly isPaused: boolean
}

/** How closely a member belongs to a phone, the closest first: the closest one gives its name. */
const BONDS = ['number', 'stateInterface', 'interface'] as const

/** What a message says about a member. */
export interface MemberNote {
  /** The same for all messages about one member of one queue. */
  readonly key: string
  /** The member as it is known now; undefined if it is no member any more. */
  readonly member: Member | undefined
  /** Whether this is new. */
  readonly isNew: boolean
}

interface Named {
  readonly name: string
  readonly bond: (typeof BONDS)[number]
}

/**
 * The known members of Asterisk's queues. QueueMemberAdded and AgentConnect show one member, the list QueueStatus shows
 * all. (Realtime members are added without an event: app_queue.c, rt_handle_member_record.)
 */
export class QueueMembers {
  static readonly events = [
    'QueueMemberAdded',
    'QueueMemberRemoved',
    'QueueMember',
    'AgentConnect',
    MEMBER_NAMES_LOGGED,
    RESYNC_BEGIN,
    RESYNC_END,
  ]

  /** Whether Asterisk itself logs members in and out by name; 'awaited' if a message will say so soon. */
  namesLogged: boolean | 'awaited' | undefined

  private readonly tell: (change: Change) => void
  private readonly noted: (note: MemberNote) => void
  /** By queue and interface, the most recent one last. */
  private readonly members = new Map<string, Member>()
  /** The members that were named since the lists began; undefined while no lists are awaited. */
  private told: Set<string> | undefined
  /** By phone, and by number; undefined if a member has changed since then. */
  private byPhone: Map<string, Named> | undefined

  /** @param noted called for each message about a member, once for each member */
  constructor(tell: (change: Change) => void, noted: (note: MemberNote) => void = () => {}) {
    this.tell = tell
    this.noted = noted
  }

  /** How many members are known. They stay when all calls are over. */
  get size(): number {
    return this.members.size
  }

  [Symbol.iterator](): Iterator<Member> {
    return this.members.values()
  }

  /**
   * The name that queue lines have for the person at a phone: the name of the member whose interface it is; otherwise
   * whose StateInterface it is; otherwise whose Local channel or hint has its number, in any technology.
   *
   * @param phone an interface: `PJSIP/1002`
   * @returns undefined if it is the phone of no member, or of one without a name
   */
  nameAt(phone: string): string | undefined {
    this.byPhone ??= this.phones()
    const [technology, resource] = partsOf(phone)
    const named = this.byPhone.get(phoneKey(technology, resource)) ?? this.byPhone.get(numberKey(resource))
    return named === undefined || named.name === phone ? undefined : named.name || undefined
  }

  /** @param at ms since the epoch */
  apply(message: AmiMessage, at: number): void {
    switch (message.event) {
      case 'QueueMemberAdded': {
        const member = memberOf(message, 'MemberName', 'Interface')
        this.learn(member)
        this.tell({ kind: 'member-added', member, at })
        break
      }
      case 'QueueMemberRemoved': {
        const member = memberOf(message, 'MemberName', 'Interface')
        this.forget(keyOf(member))
        this.tell({ kind: 'member-removed', member, at })
        break
      }
      case 'QueueMember':
        this.learn(memberOf(message, 'Name', 'Location'))
        break
      case 'AgentConnect':
        // An event that follows from the lists says nothing new.
        if (!isOfResync(message)) this.connect(memberOf(message, 'MemberName', 'Interface'))
        break
      case MEMBER_NAMES_LOGGED:
        this.learnNaming(message.get(VALUE), at)
        break
      case RESYNC_BEGIN:
        this.told = new Set()
        break
      case RESYNC_END:
        this.endLists(message)
        break
    }
  }

  /** AgentConnect says nothing new about a known member, and has no StateInterface. */
  private connect(member: Member): void {
    const known = this.members.get(keyOf(member))
    if (known === undefined) this.learn(member)
    else if (known.name !== member.name) this.learn({ ...known, name: member.name })
    else this.told?.add(keyOf(member))
  }

  private learnNaming(value: string | undefined, at: number): void {
    if (value === 'awaited') this.namesLogged ??= 'awaited'
    if (value !== 'yes' && value !== 'no') return
    const areLogged = value === 'yes'
    this.namesLogged = areLogged
    this.tell({ kind: 'member-names-logged', areLogged, at })
  }

  /** Stores what is known about a member now. */
  learn(member: Member): void {
    if (member.queue === '' || member.interface === '') return
    const key = keyOf(member)
    const known = this.members.get(key)
    if (known === undefined && this.members.size >= MAX_MEMBERS) return
    this.members.delete(key)
    this.members.set(key, member)
    this.told?.add(key)
    this.byPhone = undefined
    this.noted({ key, member, isNew: known === undefined || !isSame(known, member) })
  }

  /** The members that no message has named since the lists began; empty if no lists are awaited. */
  unlisted(): Member[] {
    const { told } = this
    return told === undefined ? [] : [...this.members].flatMap(([key, member]) => (told.has(key) ? [] : [member]))
  }

  private forget(key: string): void {
    this.told?.delete(key)
    if (!this.members.delete(key)) return
    this.byPhone = undefined
    this.noted({ key, member: undefined, isNew: true })
  }

  /** A member that is not in a complete list was removed while nobody listened. */
  private endLists(message: AmiMessage): void {
    const unlisted = this.unlisted()
    this.told = undefined
    if (!(message.get(LISTS) ?? '').split(',').includes('QueueStatus')) return
    for (const member of unlisted) this.forget(keyOf(member))
  }

  private phones(): Map<string, Named> {
    const phones = new Map<string, Named>()
    const add = (key: string, named: Named): void => {
      const before = phones.get(key)
      const closer = before === undefined ? 1 : BONDS.indexOf(named.bond) - BONDS.indexOf(before.bond)
      // If two members belong to a phone equally closely, the one with a name counts; of two names, the newer one.
      if (closer > 0 || (closer === 0 && (named.name !== '' || before?.name === ''))) phones.set(key, named)
    }
    for (const member of this.members.values()) {
      const { interface: own, stateInterface } = member
      const name = member.name === own ? '' : member.name
      addPhone(own, { name, bond: 'interface' }, add)
      if (stateInterface !== '' && stateInterface !== own) {
        addPhone(stateInterface, { name, bond: 'stateInterface' }, add)
      }
      // An agent of app_agent_pool can log in from any phone: its number is not the number of a phone.
      if (stateInterface.startsWith('Agent:')) continue
      for (const number of [localNumberOf(own), hintedNumberOf(stateInterface)]) {
        if (number !== '') add(numberKey(number), { name, bond: 'number' })
      }
    }
    return phones
  }
}

function addPhone(one: string, named: Named, add: (key: string, named: Named) => void): void {
  const [technology, resource] = partsOf(one)
  if (technology !== '' && technology.toLowerCase() !== 'local') add(phoneKey(technology, resource), named)
}

function memberOf(message: AmiMessage, name: string, place: string): Member {
  return {
    queue: message.get('Queue') ?? '',
    name: message.get(name) ?? '',
    interface: message.get(place) ?? '',
    stateInterface: message.get('StateInterface') ?? '',
    isDynamic: message.get('Membership') === 'dynamic',
    isPaused: message.get('Paused') === '1',
  }
}

function isSame(one: Member, other: Member): boolean {
  return one.name === other.name && one.stateInterface === other.stateInterface && one.isDynamic === other.isDynamic
}

function keyOf({ queue, interface: own }: Member): string {
  return JSON.stringify([queue, own])
}

/** `PJSIP/1002` in two. */
function partsOf(phone: string): [technology: string, resource: string] {
  const slash = phone.indexOf('/')
  return [phone.slice(0, Math.max(0, slash)), phone.slice(slash + 1)]
}

/** Members are written by hand, and Asterisk takes `pjsip/1002` as well. */
function phoneKey(technology: string, resource: string): string {
  return `${technology.toLowerCase()}/${resource}`
}

function numberKey(number: string): string {
  return `number ${number}`
}

/** `1002` of `Local/1002@from-queue/n`; '' of another technology. */
function localNumberOf(one: string): string {
  return /^Local\//i.test(one) ? numberInDialString('Local', one) : ''
}

/** `1002` of `hint:1002@ext-local`; '' if it is no hint. */
function hintedNumberOf(stateInterface: string): string {
  return /^hint:([\w*#+.-]+)@/i.exec(stateInterface)?.[1] ?? ''
}

/** What is known about a member, in the form of an item of QueueStatus. */
export function asListed({ queue, name, interface: location, stateInterface, isDynamic }: Member): AmiMessage {
  return new HeaderMessage(
    new Map([
      ['Event', 'QueueMember'],
      ['Queue', queue],
      ['Name', name],
      ['Location', location],
      ['StateInterface', stateInterface],
      ...(isDynamic ? [['Membership', 'dynamic'] as const] : []),
    ]),
    'QueueMember',
  )
}
