import { setTimeout as sleep } from 'node:timers/promises'
import { Link } from '../lab/link.ts'
import type { Dice } from '../ship/rotating-log.ts'
import type { LiveProgram } from '../support/live-program.ts'
import type { FleetStage } from './fleet-stage.ts'

/** Something that was done to a fleet, and for how long: ms since the epoch. */
export interface Disturbance {
  readonly what: string
  /** The process of the member that cannot do its work meanwhile; undefined where it is none. */
  readonly pid: number | undefined
  readonly from: number
  to: number
}

interface Member {
  readonly name: string
  /** Its own ways to the servers of NATS. */
  readonly links: readonly Link[]
  program: LiveProgram
}

/** Members and servers of a fleet, and what can happen to them. One thing happens to each at a time. */
export class Disturbances {
  readonly all: Disturbance[] = []
  readonly members: Member[] = []
  private readonly stage: FleetStage
  private readonly dice: Dice
  private readonly busy = new Set<unknown>()
  private readonly going = new Set<Promise<void>>()

  constructor(stage: FleetStage, dice: Dice) {
    this.stage = stage
    this.dice = dice
  }

  async addMember(name: string): Promise<void> {
    const ports = this.stage.nats.hosts.map((host) => Number(host.split(':')[1]))
    const links = await Promise.all(ports.map((port) => Link.open(0, port)))
    this.members.push({ name, links, program: this.start(name, links) })
  }

  /** Something happens, to whom nothing does already. */
  begin(): void {
    const doing = this.chosen()
    this.going.add(doing)
    void doing.finally(() => this.going.delete(doing))
  }

  /** Waits until all is as it was. */
  async over(): Promise<void> {
    while (this.going.size > 0) await Promise.all(this.going)
  }

  async close(): Promise<void> {
    for (const { links } of this.members) for (const link of links) await link.cut()
  }

  /** Whether the bus can answer: most of its servers are at work, and have been for as long as they need to choose who leads. */
  isBusAt(ms: number, settledMs: number): boolean {
    const away = this.all.filter(({ what, from, to }) => what.startsWith('server') && from <= ms && ms < to + settledMs)
    return away.length === 0
  }

  private async chosen(): Promise<void> {
    const member = this.members[this.dice.roll(this.members.length)] as Member
    const node = this.dice.roll(this.stage.nats.count)
    const ms = 300 + this.dice.roll(6000)
    switch (this.dice.roll(7)) {
      case 0:
        return this.toMember(member, 'killed', () => this.killed(member, 'SIGKILL', ms / 2))
      case 1:
        return this.toMember(member, 'stopped', () => this.killed(member, 'SIGTERM', ms / 2))
      case 2:
        return this.toMember(member, 'paused', () => this.paused(member, ms))
      case 3:
        return this.toLinks(member, 'cut', async () => {
          await Promise.all(member.links.map((link) => link.cut()))
          await sleep(ms)
          await Promise.all(member.links.map((link) => link.mend()))
        })
      case 4:
        return this.toLinks(member, 'frozen', async () => {
          for (const link of member.links) link.freeze()
          await sleep(ms)
          for (const link of member.links) link.thaw()
        })
      case 5:
        return this.toServer(node, 'killed', async () => {
          await this.stage.nats.killNode(node)
          await sleep(ms)
          this.stage.nats.startNode(node)
        })
      default:
        return this.toServer(node, 'paused', async () => {
          this.stage.nats.pauseNode(node)
          await sleep(ms)
          this.stage.nats.resumeNode(node)
        })
    }
  }

  private async killed(member: Member, signal: 'SIGKILL' | 'SIGTERM', ms: number): Promise<void> {
    member.program.signal(signal)
    await member.program.ended
    await sleep(ms)
    member.program = this.start(member.name, member.links)
  }

  private async paused({ program }: Member, ms: number): Promise<void> {
    program.signal('SIGSTOP')
    await sleep(ms)
    program.signal('SIGCONT')
  }

  private toMember(member: Member, what: string, does: () => Promise<void>): Promise<void> {
    // One member lives.
    const others = this.members.filter((other) => other !== member && !this.busy.has(other))
    if (others.length === 0) return Promise.resolve()
    return this.once(member, `${member.name} ${what}`, member.program.pid, does)
  }

  private toLinks(member: Member, what: string, does: () => Promise<void>): Promise<void> {
    return this.once(member.links, `the links of ${member.name} ${what}`, undefined, does)
  }

  private toServer(node: number, what: string, does: () => Promise<void>): Promise<void> {
    // Two of three are at work: with less the bus does not answer.
    if ([...this.busy].some((one) => typeof one === 'number')) return Promise.resolve()
    return this.once(node, `server ${node} ${what}`, undefined, does)
  }

  private async once(whom: unknown, what: string, pid: number | undefined, does: () => Promise<void>): Promise<void> {
    if (this.busy.has(whom)) return
    this.busy.add(whom)
    const disturbance = { what, pid, from: Date.now(), to: Number.POSITIVE_INFINITY }
    this.all.push(disturbance)
    await does()
    disturbance.to = Date.now()
    this.busy.delete(whom)
  }

  private start(name: string, links: readonly Link[]): LiveProgram {
    return this.stage.member(name, { hosts: links.map(({ port }) => `127.0.0.1:${port}`) })
  }
}
