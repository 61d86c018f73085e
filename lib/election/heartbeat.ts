import { randomBytes } from 'node:crypto'
import type { ActionHeaders } from '../ami/action.ts'
import type { AmiMessage } from '../ami/message.ts'
import { additionOf, isDenial, kindOfRefusal, USER_EVENT_ACTION } from '../ami/privileges.ts'
import type { Turn } from '../sinks/turn.ts'
import type { Log } from '../text/log.ts'
import { OnceLog } from '../text/once-log.ts'
import { type Beat, beatHeaders, placeOfProcess, type Role, readBeat } from './beat.ts'
import { beatSteps, type Stepper } from './beat-steps.ts'
import { Election } from './election.ts'
import type { LastTurnFile } from './last-turn.ts'

/** The server says in whole seconds how long it has been up. */
const ROUNDED_MS = 1000

/** The connection over which the beats go. */
export interface BeatLink {
  onUp(listener: () => void): void
  onDown(listener: () => void): void
  onUserEvent(listener: (message: string, serverMs: number) => boolean): void
  /** When the server was started, if it said so: ms of performance.now(). */
  readonly serverStartedAt: number | undefined
  request(name: string, headers: ActionHeaders, isShown: boolean): Promise<AmiMessage>
}

export interface HeartbeatOptions {
  /** The manager user, to name it where something has to be changed in manager.conf. */
  login: string
  log: Log
  /** Where the next process in this place finds that it need not ask who writes. */
  lastTurn?: LastTurnFile | undefined
}

/** Gives a tracker's beats and hears those of others: of all trackers on one Asterisk, one at a time writes. */
export class Heartbeat implements Turn, Stepper {
  private readonly link: BeatLink
  private readonly options: HeartbeatOptions
  private readonly place = placeOfProcess()
  private readonly election: Election
  private readonly listeners: (() => void)[] = []
  private readonly once: OnceLog
  /** When the last connection was lost: ms of performance.now(). */
  private lostAt: number | undefined
  /** When the next step is due, if nothing happens before: ms of performance.now(). */
  dueAt = 0
  /** Whether a step is about to be done before it is due. */
  private isHastened = false
  /** Where the tracker runs that left last. */
  private leftPlace = ''
  private toldRole: Role | undefined
  /** The proof that was noted last: the stamp of a beat. */
  private keptMs: number | undefined
  private lastActive: Beat | undefined
  private tellOther: (other: Beat) => void = () => {}

  /** Fulfilled when another tracker is found to write. */
  readonly otherWrites = new Promise<Beat>((resolve) => {
    this.tellOther = resolve
  })

  constructor(link: BeatLink, options: HeartbeatOptions) {
    this.link = link
    this.options = options
    this.once = new OnceLog(options.log)
    this.election = new Election(randomBytes(6).toString('hex'), options.lastTurn?.read())
    link.onUp(() => {
      this.election.connected(performance.now())
      beatSteps.add(this)
      this.step()
    })
    link.onDown(() => {
      beatSteps.delete(this)
      this.lostAt = performance.now()
      this.election.disconnected(this.lostAt)
      this.step()
    })
    link.onUserEvent((message, serverMs) => {
      const beat = readBeat(message)
      if (beat !== undefined) this.heard(beat, serverMs)
      return beat !== undefined
    })
  }

  ownerOf(timeMs: number, readAt: number): 'ours' | 'theirs' | 'undecided' {
    const owner = this.election.ownerOf(timeMs, readAt)
    if (owner === 'undecided') this.hasten()
    return owner
  }

  /** A line waits for a beat: one at rest gives it now. */
  private hasten(): void {
    const now = performance.now()
    if (this.isHastened || this.election.role !== 'active' || this.election.nextStepAt(now) > now) return
    this.isHastened = true
    // Not within the question: listeners ask anew in each step.
    queueMicrotask(() => {
      this.isHastened = false
      this.step()
    })
  }

  get isOthers(): boolean {
    return this.election.role === 'standby'
  }

  get role(): Role {
    return this.election.role
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener)
  }

  /** What it does, for people. */
  describe(): string {
    const { role, active } = this.election
    if (role === 'standby' && active !== undefined) return `standby: ami-track on ${active.place} writes`
    return role === 'active' ? 'writes' : 'asks whether another ami-track writes'
  }

  /** No more events are read: whoever stands by may go on. */
  leave(): void {
    this.election.leave()
    this.step()
  }

  private heard(beat: Beat, serverMs: number): void {
    const { lostAt, link, election } = this
    if (lostAt !== undefined && link.serverStartedAt !== undefined) {
      if (link.serverStartedAt > lostAt - ROUNDED_MS) election.serverWasRestarted()
      this.lostAt = undefined
    }
    if (beat.role === 'leaving') this.leftPlace = beat.place
    election.heard(beat, performance.now(), serverMs)
    this.step()
  }

  /** Does what is due. */
  step(): void {
    const now = performance.now()
    const due = this.election.due(now)
    if (due !== undefined) this.send({ ...due, place: this.place })
    if (this.election.asks(now)) this.ask()
    this.keepTurn()
    this.tellRole()
    this.dueAt = this.election.nextStepAt(now)
    for (const listener of this.listeners) listener()
  }

  private keepTurn(): void {
    const { lastTurn } = this.options
    const { role, provenBeatMs } = this.election
    if (provenBeatMs !== undefined && provenBeatMs !== this.keptMs) {
      lastTurn?.keep(provenBeatMs)
      this.keptMs = provenBeatMs
    } else if ((role === 'leaving' || role === 'standby') && this.keptMs !== undefined) {
      lastTurn?.forget()
      this.keptMs = undefined
    }
  }

  private ask(): void {
    this.request('Ping', [], () => {
      this.election.answered(performance.now())
      this.step()
    })
  }

  private send(beat: Beat): void {
    this.request(USER_EVENT_ACTION.name, beatHeaders(beat), (response) => {
      if (response.get('Response') === 'Error') this.refused(response.get('Message') ?? 'no reason is given')
    })
  }

  private request(name: string, headers: ActionHeaders, answered: (response: AmiMessage) => void): void {
    const lost = (): void => {}
    this.link.request(name, headers, false).then(answered, lost)
  }

  private refused(message: string): void {
    this.toldRole = 'active'
    const { name, privilege, loss } = USER_EVENT_ACTION
    const remedy = isDenial(message) ? `${additionOf(privilege, ['read', 'write'], this.options.login)}. ` : ''
    this.once.warn(kindOfRefusal(message), `Asterisk refuses ${name} (${message}): ${remedy}Without it: ${loss}`)
    this.election.refused()
    this.step()
  }

  private tellRole(): void {
    const { role, active, isBlind } = this.election
    const { log } = this.options
    if (isBlind) {
      const { privilege, loss } = USER_EVENT_ACTION
      const remedy = additionOf(privilege, ['read'], this.options.login)
      this.once.warn(
        'blind',
        `Asterisk does not send the sign of life of ami-track back: ${remedy}. Without it: ${loss}`,
      )
    }
    if (role === 'standby' && active !== undefined && active.tracker !== this.lastActive?.tracker) {
      log.warn(`another ami-track, on ${active.place}, writes the queue_log of this PBX: this one is on standby`)
      this.lastActive = active
      this.tellOther(active)
    }
    const isNews = role === 'active' && this.toldRole !== 'active'
    this.toldRole = role
    if (!isNews) return
    if (this.lastActive !== undefined && this.lastActive.place === this.leftPlace) {
      log.info(`ami-track on ${this.leftPlace} has stopped: this one writes now`)
    } else if (this.lastActive !== undefined) {
      log.warn(`ami-track on ${this.lastActive.place} gives no sign of life any more: this one writes now`)
    } else if (!isBlind) {
      log.info('no other ami-track writes the queue_log of this PBX: this one writes it')
    }
    this.lastActive = undefined
  }
}
