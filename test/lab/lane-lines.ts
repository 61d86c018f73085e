import { asInLaneZero, type Lane, laneOf } from './lanes.ts'
import type { Lines } from './queue-log-file.ts'

/** A line of queue_log: as it is there, and as it would be in lane 0, without its time. */
export interface LaneLine {
  /** Its place among all lines. */
  index: number
  /** Its time: s since the epoch. */
  time: number
  plain: string
}

/** Lines that are being written, and of which lane each of them is. */
export class LaneLines implements Lines {
  private readonly source: Lines
  private readonly byLane = new Map<Lane, LaneLine[]>()
  private taken = 0

  constructor(source: Lines) {
    this.source = source
  }

  lines(): readonly string[] {
    const all = this.source.lines()
    for (; this.taken < all.length; this.taken++) this.take(all[this.taken] ?? '', this.taken)
    return all
  }

  /**
   * The lines of a lane, from one of all lines up to another. Lane 0 has its server for itself, so it is asked for the lines
   * of all lanes: its names are told from no others.
   */
  of(lane: Lane, from = 0, to = Number.POSITIVE_INFINITY): LaneLine[] {
    const all = this.lines()
    if (lane.number === 0) {
      const lines = all.map((line, index) => (isOfAsteriskItself(line) ? [] : [laneLine(line, index, lane)]))
      return lines.slice(from, to).flat()
    }
    return (this.byLane.get(lane) ?? []).filter(({ index }) => index >= from && index < to)
  }

  close(): void {
    this.source.close()
  }

  private take(line: string, index: number): void {
    if (isOfAsteriskItself(line)) return
    const lane = laneOf(...line.split('|').slice(1))
    if (lane === undefined) return
    const lines = this.byLane.get(lane) ?? []
    if (lines.length === 0) this.byLane.set(lane, lines)
    lines.push(laneLine(line, index, lane))
  }
}

/** A start or a rotation: of no call. */
export function isOfAsteriskItself(line: string): boolean {
  return /^\d+\|NONE\|NONE\|NONE\|(QUEUESTART|CONFIGRELOAD)\|$/.test(line)
}

function laneLine(line: string, index: number, lane: Lane): LaneLine {
  const bar = line.indexOf('|')
  return { index, time: Number(line.slice(0, bar)), plain: asInLaneZero(line, lane).slice(bar + 1) }
}
