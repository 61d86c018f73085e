import { asInLaneZero, type Lane, laneOf } from './lanes.ts'
import type { Lines } from './queue-log-file.ts'
import type { Technology } from './servers.ts'

/** A line of queue_log: as it is there, and as it would be in lane 0 and of chan_pjsip, without its time. */
export interface LaneLine {
  /** Its place among all lines. */
  index: number
  line: string
  /** Its time: s since the epoch. */
  time: number
  plain: string
}

/** Lines that are being written, and of which lane each of them is. */
export class LaneLines implements Lines {
  private readonly source: Lines
  private readonly technology: Technology
  private readonly byLane = new Map<Lane, LaneLine[]>()
  private taken = 0

  constructor(source: Lines, technology: Technology) {
    this.source = source
    this.technology = technology
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
      const lines = all.map((line, index) => (isOfAsteriskItself(line) ? [] : [this.laneLine(line, index, lane)]))
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
    lines.push(this.laneLine(line, index, lane))
  }

  private laneLine(line: string, index: number, lane: Lane): LaneLine {
    const bar = line.indexOf('|')
    const inLane = asInLaneZero(line, lane)
    const plain = this.technology === 'SIP' ? asOfPjsip(inLane) : inLane
    return { index, line, time: Number(line.slice(0, bar)), plain: plain.slice(bar + 1) }
  }
}

/** A start, a rotation, or the members of a realtime queue, which Asterisk logs in when it is first asked for them. */
export function isOfAsteriskItself(line: string): boolean {
  return /^\d+\|(NONE\|NONE\|NONE\|(QUEUESTART|CONFIGRELOAD)|REALTIME\|[^|]*\|[^|]*\|ADDMEMBER)\|$/.test(line)
}

/** A line of chan_sip as chan_pjsip's would be. */
export function asOfPjsip(line: string): string {
  return line.replaceAll(/(?<=\|)SIP\//g, 'PJSIP/')
}
