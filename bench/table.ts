/** What a process measured: how many it counted of what was asked, in which time, and the peak of its memory. */
export interface Measurement {
  seconds: number
  count: number
  peakBytes: number
}

interface Row {
  name: string
  counted: string
  measure: () => Promise<Measurement>
  all: Measurement[]
}

/** Rows that are measured in turn, so that all of them see the same moods of a shared machine. The first is the scan. */
export class Table {
  private readonly events: number
  private readonly bytes: number
  private readonly list: Row[] = []

  constructor(events: number, bytes: number) {
    this.events = events
    this.bytes = bytes
  }

  /** @param counted what is counted: the same number of it by every row that counts the same */
  add(name: string, counted: string, measure: () => Promise<Measurement>): void {
    this.list.push({ name, counted, measure, all: [] })
  }

  /** Measures every row so often; once what takes longer than `longSeconds`. */
  async measure(runs: number, longSeconds: number): Promise<void> {
    for (let round = 0; round < runs; round++) {
      for (const { measure, all } of this.list) {
        if (all[0] === undefined || all[0].seconds < longSeconds) all.push(await measure())
      }
    }
    const expected = new Map<string, number>()
    for (const { name, counted, all } of this.list) {
      for (const { count } of all) {
        const wanted = expected.get(counted) ?? count
        expected.set(counted, wanted)
        // A run that lost anything counts for nothing.
        if (count !== wanted) throw new Error(`${name}: ${count} ${counted}, not ${wanted}`)
      }
    }
  }

  /** @param peers the rows of others, with the best of which each is compared */
  rows(peers: readonly string[]): string[] {
    const scan = this.list[0] as Row
    const ofPeers = this.list.filter(({ name }) => peers.includes(name))
    const best = Math.min(...ofPeers.map(medianSeconds))
    const head = ['what', 'events/s', 'MB/s', 'of the scan', '× best peer', 'peak memory', 'runs', 'counted']
    const cells = this.list.map((row) => {
      const seconds = medianSeconds(row)
      const sorted = row.all.map((one) => one.seconds).sort((a, b) => a - b)
      const lost = row.counted.startsWith('events') ? this.events - (row.all[0]?.count ?? 0) : 0
      return [
        row.name,
        Math.round(this.events / seconds).toLocaleString('en'),
        (this.bytes / 1e6 / seconds).toFixed(0),
        (medianSeconds(scan) / seconds).toFixed(2),
        ofPeers.length === 0 ? '' : (best / seconds).toFixed(1),
        `${(Math.max(...row.all.map(({ peakBytes }) => peakBytes)) / 1e6).toFixed(0)} MB`,
        `${sorted[0]?.toFixed(2)}–${sorted.at(-1)?.toFixed(2)} s`,
        lost === 0 ? 'all' : `${lost} lost`,
      ]
    })
    const line = (columns: readonly string[]): string => `| ${columns.join(' | ')} |`
    return [line(head), line(head.map((_, n) => (n === 0 ? '---' : '---:'))), ...cells.map(line)]
  }
}

function medianSeconds({ all }: Row): number {
  const sorted = all.map(({ seconds }) => seconds).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
