import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import type { NatsAddress } from '../nats/address.ts'
import type { NatsLogin } from '../nats/link.ts'
import { Failure, Hopeless } from '../text/exit.ts'
import { ErrorLog, type Log } from '../text/log.ts'
import { FleetBus, type FleetSettings, type MemberEntry } from './bus.ts'
import { Roster } from './roster.ts'
import { Share } from './share.ts'

/** A member says that it is there, and looks who is, so often: ms. */
const BEAT_MS = 400
/** The settings are looked at in each so many beats. */
const SETTINGS_BEATS = 3
/** A bus that does not answer at the start is tried again after so long, in ms. */
const AGAIN_MS = 1000
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
   * Comes to the bus, and knows what it has to do. Where the bus does not answer, it waits for it.
   *
   * @param signal gives up
   * @throws Failure if another process has its name; Hopeless if the bus does not let it in
   */
  async join(signal: AbortSignal): Promise<void> {
    const { address, login, replicas } = this.options
    while (!signal.aborted) {
      try {
        this.bus ??= await FleetBus.open(address, login, { replicas })
        await this.takeName(this.bus, signal)
        if (!signal.aborted) await this.beat(this.bus)
        return
      } catch (error) {
        if (error instanceof Hopeless || error instanceof Failure) throw error
        this.tellAway(error as Error)
        await sleep(AGAIN_MS, undefined, { signal }).catch(() => {})
      }
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
    while (!signal.aborted && this.bus !== undefined) {
      await sleep(BEAT_MS, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      try {
        if (await this.beat(this.bus)) changed()
      } catch (error) {
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
    if (this.roster.see([...present, name], now)) {
      this.options.log.info(`members of the fleet: ${this.roster.members.join(', ')}`)
    }
    const before = this.followed
    this.followed = this.share.of(this.settings.pbxs, this.roster.members, now)
    return settings !== undefined || this.followed !== before
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

  private tellAway({ message }: Error): void {
    const what =
      this.bus === undefined
        ? 'this member waits for it'
        : 'until it does, this member continues with the PBXs that it has'
    this.errors.tell('bus', `the NATS servers of the fleet do not answer (${message}): ${what}`)
  }
}
