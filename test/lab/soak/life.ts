import { readFileSync } from 'node:fs'
import { readScrape } from '../../support/scrape.ts'
import type { Daemon } from '../daemon.ts'
import type { LoopStops } from './loop-probe.ts'

/** What a daemon said of itself at a moment. */
export interface Sample {
  /** ms since the epoch. */
  at: number
  journalBytes: number
  heapBytes: number
  rssBytes: number
  lagSeconds: number
  cpuSeconds: number
  openCalls: number
}

/** A daemon from its start to its end. */
export class Life {
  readonly name: string
  readonly daemon: Daemon
  /** Its debug file, and the file of its loop probe. */
  readonly dump: string
  private readonly probe: string
  /** From when on it knows of the calls that begin, and until when it lived: ms since the epoch. */
  readonly began = Date.now()
  ended = Number.POSITIVE_INFINITY
  exitCode: number | string | undefined
  readonly samples: Sample[] = []

  constructor(name: string, daemon: Daemon, dump: string, probe: string) {
    this.name = name
    this.daemon = daemon
    this.dump = dump
    this.probe = probe
  }

  /** Asks for its metrics; one that is ending does not answer. */
  async sample(): Promise<void> {
    if (this.ended !== Number.POSITIVE_INFINITY) return
    try {
      const url = (await this.daemon.says(/^metrics are at /)).replace('metrics are at ', '')
      const { samples } = readScrape(await (await fetch(url)).text())
      const value = (name: string): number => samples.get(name) ?? 0
      const open = [...samples].filter(([name]) => name.startsWith('ami_track_open_calls{'))
      this.samples.push({
        at: Date.now(),
        journalBytes: value('ami_track_state_bytes'),
        heapBytes: value('nodejs_heap_size_used_bytes'),
        rssBytes: value('process_resident_memory_bytes'),
        lagSeconds: value('ami_track_lag_seconds'),
        cpuSeconds: value('process_cpu_seconds_total'),
        openCalls: open.reduce((sum, [, count]) => sum + count, 0),
      })
    } catch {}
  }

  most(of: (sample: Sample) => number): number {
    return Math.max(0, ...this.samples.map(of))
  }

  /** How much of a processor it took: 1 is all of one. */
  get cpuShare(): number {
    const [first, last] = [this.samples[0], this.samples.at(-1)]
    if (first === undefined || last === undefined || first === last) return 0
    return (last.cpuSeconds - first.cpuSeconds) / ((last.at - first.at) / 1000)
  }

  /**
   * By how much the heap has grown, in bytes: the least in the last quarter of its life, less the least in the second. What
   * is collected at some time is no leak.
   */
  get growth(): number {
    const quarter = Math.floor(this.samples.length / 4)
    const leastOf = (from: number, to: number): number =>
      Math.min(...this.samples.slice(from, to).map(({ heapBytes }) => heapBytes))
    return quarter === 0 ? 0 : leastOf(-quarter, this.samples.length) - leastOf(quarter, 2 * quarter)
  }

  /** For how long it lived: s. */
  get seconds(): number {
    return (Math.min(Date.now(), this.ended) - this.began) / 1000
  }

  /** How its loop stood, since it was connected: what it does before stops no call. */
  get stops(): Omit<LoopStops, 'at'> {
    const lines = readFileSync(this.probe, 'utf8').split('\n').slice(0, -1)
    const told = lines.map((line): LoopStops => JSON.parse(line)).filter(({ at }) => at > this.began + 1000)
    return {
      longest: Math.max(0, ...told.map(({ longest }) => longest)),
      longestOwn: Math.max(0, ...told.map(({ longestOwn }) => longestOwn)),
      own50: told.reduce((sum, { own50 }) => sum + own50, 0),
    }
  }
}
