import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Asterisk } from './asterisk.ts'
import { Channels } from './channels.ts'
import { lanesOf, type Variations } from './config/files.ts'
import { Daemon, type DaemonOfMany, type DaemonOptions } from './daemon.ts'
import type { Flow } from './flow.ts'
import { LaneLines } from './lane-lines.ts'
import type { Lane } from './lanes.ts'
import { until } from './patience.ts'
import { LinesOfFiles, QueueLogFile } from './queue-log-file.ts'
import { type Played, playFlow, type Scenery } from './run-flow.ts'
import { labFolder, type ServerEntry } from './servers.ts'

export interface RunOptions {
  variations?: Variations
  /** What the daemon is given otherwise. */
  daemon?: (server: Asterisk) => Partial<DaemonOptions>
  /** Which daemon follows the server, beside others; if undefined, one is started for it alone. */
  daemonOfMany?: DaemonOfMany
  /** The file into which the daemon writes its lines, made anew; if undefined, they go into Asterisk's queue_log. */
  ownFile?: string
  /** Whether there is no audio in the calls. */
  isSilent?: boolean
}

/** A server with a daemon on it, and lanes in which flows can be played at once. */
export class Run implements Scenery {
  readonly server: Asterisk
  daemon: Daemon
  ami: Scenery['ami']
  channels: Channels
  readonly queueLog: LaneLines
  readonly isApart: boolean
  readonly isSilent: boolean
  readonly dump: string
  readonly played: Played[] = []
  /** Lane 0 is for recordings: names without a number are told from no others. */
  private readonly daemonOptions: DaemonOptions
  private readonly free: Lane[]
  private readonly waiting: ((lane: Lane) => void)[] = []

  private constructor(
    server: Asterisk,
    daemon: Daemon,
    daemonOptions: DaemonOptions,
    ami: Scenery['ami'],
    { ownFile: own, isSilent = false, variations }: RunOptions,
  ) {
    this.server = server
    this.daemon = daemon
    this.daemonOptions = daemonOptions
    this.ami = ami
    this.channels = new Channels(ami)
    const paths = own === undefined ? [server.queueLogFile] : [server.queueLogFile, own]
    this.queueLog = new LaneLines(
      new LinesOfFiles(paths.map((path) => new QueueLogFile(path))),
      server.entry.technology,
    )
    this.isApart = own !== undefined
    this.isSilent = isSilent
    this.free = lanesOf(variations).slice(1)
    this.dump = daemonOptions.debugFile
  }

  /** @param label stands in the name of the dump */
  static async open(entry: ServerEntry, label: string, options: RunOptions = {}): Promise<Run> {
    const { variations, daemon: otherwise, daemonOfMany, ownFile } = options
    const server = await Asterisk.start(entry, variations)
    try {
      const given = { port: entry.ports.ami, debugFile: dumpFile(entry, label), ...otherwise?.(server) }
      const more = ownFile === undefined ? [] : ['--queuelog', ownFile]
      const daemonOptions = { ...given, more: [...(given.more ?? []), ...more] }
      if (ownFile !== undefined) rmSync(ownFile, { force: true })
      const daemon = await (daemonOfMany?.follow(entry.name, daemonOptions) ?? Daemon.connected(daemonOptions))
      return new Run(server, daemon, daemonOptions, await server.connect(), options)
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  /** Starts another daemon with a dump of its own: by default as that of the run is started. */
  startAnother(label: string, options: Partial<DaemonOptions> = {}): Promise<Daemon> {
    return Daemon.connected({ ...this.daemonOptions, debugFile: dumpFile(this.server.entry, label), ...options })
  }

  /** Starts the daemon anew, after its end, and waits until it knows what Asterisk lists. */
  async startDaemon(): Promise<void> {
    this.daemon = await Daemon.connected(this.daemonOptions)
    await this.resynchronised(1)
  }

  /** How often the daemon has been told, since it was started, what Asterisk lists. */
  get resynchronisations(): number {
    return readFileSync(this.dump, 'latin1').split('Event: ResyncEnd\r\n').length - 1
  }

  async resynchronised(times: number): Promise<void> {
    // After several short sessions it waits for up to 30 s before it connects (lib/connection/back-off.ts).
    await until(() => this.resynchronisations >= times, 'the daemon to be told what Asterisk lists', 50_000)
  }

  /** How many flows could begin at once. */
  get freeLanes(): number {
    return this.free.length
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
