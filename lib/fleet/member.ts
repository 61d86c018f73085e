import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { NatsAddress } from '../nats/address.ts'
import type { NatsLogin } from '../nats/link.ts'
import { Failure, Hopeless } from '../text/exit.ts'
import { ErrorLog, type Log } from '../text/log.ts'
import { FleetBus, type FleetSettings, type MemberEntry } from './bus.ts'
import { LastSeen } from './last-seen.ts'
import { Roster } from './roster.ts'
import { Share } from './share.ts'

/** A member says that it is there, and looks who is, so often: ms. */
const BEAT_MS = 400
/** The settings are looked at in each so many beats. */
const SETTINGS_BEATS = 3
/** A bus that does not answer at the start is tried again after so long, in ms. */
const AGAIN_MS = 1000
/** Then a member goes on with what it has seen last, after so long, in ms. */
const WITHOUT_BUS_MS = 3000
/** Leaving may take so long, in ms; else its entry passes away by itself. */
const LEAVE_MS = 1000
/** The entry of a process of the same name that was killed has passed away by then, in ms. */
const SAME_NAME_MS = 3000

export interface MemberOptions {
  readonly address: NatsAddress
  readonly login: NatsLogin
  /** On how many servers buckets are kept that are made. */
  readonly replicas: number
  /** What it is called; no other member is called so. */
  readonly name: string
  /** The file in which it keeps what it has seen last; undefined if it keeps nothing. */
  readonly lastSeenFile: string | undefined
  readonly log: Log
}

/** What a member has to do. */
export interface Assignment {
  readonly settings: FleetSettings
  /** The names of the PBXs that it follows. */
  readonly followed: ReadonlySet<string>
}

/**
 * A member of a fleet: it says that it is there, sees who else is, and knows which PBXs it follows. While the bus does not
 * answer, all stays as it is: who writes for a PBX is decided at the PBX.
 */
export class FleetMember {
  private readonly options: MemberOptions
  private readonly instance = randomUUID()
  private readonly roster = new Roster()
  private readonly share: Share
  private readonly lastSeen: LastSeen | undefined
  private readonly errors: ErrorLog
  private readonly end = new AbortController()
  private bus: FleetBus | undefined
  private settings: FleetSettings = { defaults: undefined, pbxs: new Map(), misnamed: [] }
  private followed: ReadonlySet<string> = new Set()
  private beats = 0
  /** Whether the entry of its name is its own. */
  private hasCome = false
  private working: Promise<void> = Promise.resolve()

  constructor(options: MemberOptions) {
    this.options = options
    this.share = new Share(options.name)
    const { lastSeenFile, address } = options
    this.lastSeen = lastSeenFile === undefined ? undefined : new LastSeen(lastSeenFile, address.name)
    this.errors = new ErrorLog(options.log)
  }

  /** What it has to do now. */
  get assignment(): Assignment {
    return { settings: this.settings, followed: this.followed }
  }

  /** Who is there, as it was seen last. */
  get members(): readonly string[] {
    return this.roster.members
  }

  /**
   * Comes to the bus, and knows what it has to do. Where the bus does not answer, it goes on with what it has seen last, or
   * waits for the bus.
   *
   * @param signal gives up
   * @throws Failure if another process has its name; Hopeless if the bus does not let it in
   */
  async join(signal: AbortSignal): Promise<void> {
    const began = performance.now()
    while (!signal.aborted) {
      try {
        await this.come(signal)
        return
      } catch (error) {
        if (error instanceof Hopeless || error instanceof Failure) throw error
        this.tellAway(error as Error)
        if (performance.now() - began > WITHOUT_BUS_MS && this.goOnAsBefore()) return
        await sleep(AGAIN_MS, undefined, { signal }).catch(() => {})
      }
    }
  }

  /** @returns whether it has something else to do now */
  private async come(signal: AbortSignal): Promise<boolean> {
    const { address, login, replicas } = this.options
    this.bus ??= await FleetBus.open(address, login, { replicas })
    await this.takeName(this.bus, signal)
    return !signal.aborted && (await this.beat(this.bus))
  }

  /** @returns whether anything is known of before */
  private goOnAsBefore(): boolean {
    const seen = this.lastSeen?.read()
    if (seen === undefined) return false
    this.settings = seen.settings
    const now = performance.now()
    this.roster.see([...seen.members, this.options.name], now)
    this.followed = this.share.of(this.settings.pbxs, this.roster.members, now)
    const { size } = this.followed
    this.options.log.warn(`until the bus answers, this member follows the ${size} PBXs that it followed last`)
    return true
  }

  private keepSeen(): void {
    const { defaults, pbxs } = this.settings
    const own = [...this.followed].map((name) => [name, pbxs.get(name) ?? ''] as const)
    const settings = { defaults, pbxs: new Map(own), misnamed: [] }
    try {
      this.lastSeen?.keep({ settings, members: this.roster.members })
    } catch (error) {
      this.errors.tell('last seen', `a start without the bus will follow no PBX: ${(error as Error).message}`)
    }
  }

  /** @param changed called when it has something else to do */
  run(changed: () => void): void {
    this.working = this.work(changed)
  }

  /** Leaves the fleet: others see that at once. */
  async leave(): Promise<void> {
    this.end.abort()
    await Promise.race([this.takeEntryAway(), sleep(LEAVE_MS, undefined, { ref: false })])
    await this.bus?.close()
    this.errors.end()
  }

  private async takeEntryAway(): Promise<void> {
    await this.working
    if (this.hasCome) await this.bus?.leave(this.options.name).catch(() => {})
  }

  private async work(changed: () => void): Promise<void> {
    const { signal } = this.end
    while (!signal.aborted) {
      await sleep(BEAT_MS, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      try {
        if (await (this.bus !== undefined && this.hasCome ? this.beat(this.bus) : this.come(signal))) changed()
      } catch (error) {
        // Also where it is refused: it has come without the bus.
        this.roster.lookAway()
        this.tellAway(error as Error)
      }
    }
  }

  /** @returns whether it has something else to do now */
  private async beat(bus: FleetBus): Promise<boolean> {
    const { name } = this.options
    await bus.beat(this.entry)
    const present = await bus.members()
    const isRead = this.beats++ % SETTINGS_BEATS === 0
    const settings = isRead ? await bus.changedSettings() : undefined
    if (settings !== undefined) this.settings = settings
    this.errors.mended('')
    const now = performance.now()
    const areOthers = this.roster.see([...present, name], now)
    if (areOthers) this.options.log.info(`members of the fleet: ${this.roster.members.join(', ')}`)
    const before = this.followed
    this.followed = this.share.of(this.settings.pbxs, this.roster.members, now)
    const isOther = settings !== undefined || this.followed !== before
    if (isOther || areOthers) this.keepSeen()
    return isOther
  }

  /** Waits until the entry of a process that had the name has passed away. */
  private async takeName(bus: FleetBus, signal: AbortSignal): Promise<void> {
    const { name } = this.options
    for (const end = performance.now() + SAME_NAME_MS; ; ) {
      const other = await bus.member(name)
      if (signal.aborted) return
      if (other === undefined || other.instance === this.instance) {
        if (other === undefined) await bus.come(this.entry)
        this.hasCome = true
        return
      }
      if (performance.now() > end) {
        throw new Failure(
          `another member of ${bus.name} already has the name ${name} (on ${other.host}, process ${other.pid}): give this one another name with --member`,
        )
      }
      await sleep(BEAT_MS, undefined, { signal }).catch(() => {})
    }
  }

  private get entry(): MemberEntry {
    const { name } = this.options
    return { name, instance: this.instance, host: hostname(), pid: process.pid, pbxs: this.followed.size }
  }

  private tellAway(error: Error): void {
    const { message } = error
    const what =
      this.bus === undefined && this.followed.size === 0
        ? 'this member waits for it'
        : 'until it does, this member continues with the PBXs that it has'
    const isRefused = error instanceof Hopeless || error instanceof Failure
    const finding = isRefused ? message : `the NATS servers of the fleet do not answer (${message})`
    this.errors.tell('bus', `${finding}: ${what}`)
  }
}
