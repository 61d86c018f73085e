import { mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Asterisk } from '../asterisk.ts'
import type { DaemonOptions } from '../daemon.ts'
import { seconds } from '../patience.ts'
import { dumpFile, type Run } from '../run.ts'
import { labFolder, type ServerEntry } from '../servers.ts'
import type { Window } from './judge.ts'
import { Life } from './life.ts'

/** So long after a daemon is there again, calls are told as ever: it has compared its calls with the server's lists. */
const SETTLED_S = 2
const PROBE = join(dirname(fileURLToPath(import.meta.url)), 'loop-probe.js')

type Seat = 'first' | 'second'

/** The daemons of a soak, one after the other and side by side: each seat has a state of its own. */
export class Lives {
  readonly all: Life[] = []
  readonly windows: Window[] = []
  private run!: Run
  private readonly entry: ServerEntry
  private readonly folder: string
  private count = 0

  constructor(entry: ServerEntry) {
    this.entry = entry
    this.folder = join(labFolder, 'state', `${entry.name}-soak`)
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** How the next daemon is started. */
  options(seat: Seat, { queueLogFile }: Asterisk): Partial<DaemonOptions> {
    const name = `soak-${++this.count}`
    const state = join(this.folder, seat)
    mkdirSync(state, { recursive: true })
    return {
      debugFile: dumpFile(this.entry, name),
      more: ['--state', state, '--queuelog-tail', queueLogFile, '--metrics', '127.0.0.1:0'],
      env: { NODE_OPTIONS: `--import ${PROBE}`, LOOP_PROBE: this.probeFile(name) },
    }
  }

  /** The run whose first daemon has been started with {@link options}. */
  begin(run: Run): void {
    this.run = run
    this.all.push(this.lifeOf('soak-1', run.daemon))
  }

  /** The daemon that writes. */
  get active(): Life {
    const life = this.all.find(({ daemon }) => daemon === this.run.daemon)
    if (life === undefined) throw new Error('no daemon writes')
    return life
  }

  get alive(): Life[] {
    return this.all.filter(({ ended }) => ended === Number.POSITIVE_INFINITY)
  }

  /** Starts a daemon in a seat; the first one goes on writing. */
  async start(seat: Seat): Promise<Life> {
    const options = this.options(seat, this.run.server)
    const name = `soak-${this.count}`
    const life = this.lifeOf(name, await this.run.startAnother(name, options))
    this.all.push(life)
    return life
  }

  /** SIGTERM or kill -9, and it is started again at once. */
  async restart(seat: Seat, by: 'SIGTERM' | 'kill -9'): Promise<void> {
    await this.disturbed(`${by}, and started again`, false, async () => {
      await this.endActive(by)
      this.run.daemon = (await this.start(seat)).daemon
    })
  }

  /** SIGTERM or kill -9, and the one that stands by writes in its place. */
  async takeOver(by: 'SIGTERM' | 'kill -9'): Promise<void> {
    await this.disturbed(`${by}, and a standby takes over`, true, async () => {
      const standby = this.alive.find((life) => life !== this.active) as Life
      await this.endActive(by)
      await standby.daemon.says(/this one writes now/)
      this.run.daemon = standby.daemon
    })
  }

  async sample(): Promise<void> {
    await Promise.all(this.alive.map((life) => life.sample()))
  }

  /** SIGTERM for all that live, the one that writes last. */
  async stop(): Promise<void> {
    for (const life of this.alive.toSorted((one) => (one === this.active ? 1 : -1))) await this.end(life, 'SIGTERM')
  }

  private async disturbed(what: string, isTakeOver: boolean, play: () => Promise<void>): Promise<void> {
    const window = { what, isTakeOver, began: Date.now(), ended: Number.POSITIVE_INFINITY }
    this.windows.push(window)
    await play()
    await seconds(SETTLED_S)
    window.ended = Date.now()
  }

  private endActive(by: 'SIGTERM' | 'kill -9'): Promise<void> {
    return this.end(this.active, by)
  }

  private async end(life: Life, by: 'SIGTERM' | 'kill -9'): Promise<void> {
    await life.sample()
    life.ended = Date.now()
    if (by === 'SIGTERM') life.exitCode = await life.daemon.stop()
    else await life.daemon.kill()
  }

  private lifeOf(name: string, daemon: Life['daemon']): Life {
    return new Life(name, daemon, dumpFile(this.entry, name), this.probeFile(name))
  }

  private probeFile(name: string): string {
    mkdirSync(this.folder, { recursive: true })
    return join(this.folder, `${name}.loop`)
  }
}
