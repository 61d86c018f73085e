import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { Asterisk } from './asterisk.ts'
import { Channels } from './channels.ts'
import type { Variations } from './config/files.ts'
import { Daemon, type DaemonOptions } from './daemon.ts'
import type { Flow } from './flow.ts'
import { type Lane, lanes } from './lanes.ts'
import { QueueLogFile } from './queue-log-file.ts'
import { type Played, playFlow, type Scenery } from './run-flow.ts'
import { labFolder, type ServerEntry } from './servers.ts'

export interface RunOptions {
  variations?: Variations
  /** What the daemon is given otherwise. */
  daemon?: (server: Asterisk) => Partial<DaemonOptions>
}

/** A server with a daemon on it, and lanes in which flows can be played at once. */
export class Run implements Scenery {
  readonly server: Asterisk
  readonly daemon: Daemon
  ami: Scenery['ami']
  channels: Channels
  readonly queueLog: QueueLogFile
  readonly dump: string
  readonly played: Played[] = []
  /** Lane 0 is for recordings: names without a number are told from no others. */
  private readonly free: Lane[] = lanes.slice(1)
  private readonly waiting: ((lane: Lane) => void)[] = []

  private constructor(server: Asterisk, daemon: Daemon, ami: Scenery['ami'], dump: string) {
    this.server = server
    this.daemon = daemon
    this.ami = ami
    this.channels = new Channels(ami)
    this.queueLog = new QueueLogFile(server.queueLogFile)
    this.dump = dump
  }

  /** @param label stands in the name of the dump */
  static async open(entry: ServerEntry, label: string, options: RunOptions = {}): Promise<Run> {
    const { variations, daemon: daemonOptions } = options
    const dump = dumpFile(entry, label)
    const server = await Asterisk.start(entry, variations)
    try {
      const daemon = await Daemon.connected({ port: entry.ports.ami, debugFile: dump, ...daemonOptions?.(server) })
      return new Run(server, daemon, await server.connect(), dump)
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  /** Plays a flow in the next lane that is free. */
  async play(flow: Flow): Promise<void> {
    const lane = this.free.shift() ?? (await new Promise<Lane>((resolve) => this.waiting.push(resolve)))
    try {
      await playFlow(flow, lane, this)
    } finally {
      const next = this.waiting.shift()
      if (next === undefined) this.free.push(lane)
      else next(lane)
    }
  }

  /** Plays flows, as many at once as there are lanes. */
  async playAll(flows: readonly Flow[]): Promise<void> {
    const results = await Promise.allSettled(flows.map((flow) => this.play(flow)))
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  /** `core restart now`: the lab connects again, as the daemon must. */
  async restart(): Promise<void> {
    await this.server.restart()
    this.ami = await this.server.connect()
    this.channels = new Channels(this.ami)
  }

  /** Ends the daemon and the server. */
  async close(): Promise<void> {
    await this.daemon.stop()
    this.ami.close()
    this.queueLog.close()
    await this.server.stop()
  }
}

/** Where the AMI stream of a run is kept until the next one. */
export function dumpFile({ name }: ServerEntry, label: string): string {
  const folder = join(labFolder, 'dumps')
  mkdirSync(folder, { recursive: true })
  return join(folder, `${name}-${label}.ami`)
}
