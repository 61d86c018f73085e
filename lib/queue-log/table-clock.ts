import type { Moment } from './tail.ts'

/** Time zones are whole quarters of an hour away from UTC: s. */
const QUARTER_S = 900
const HOUR_S = 3600
/** How far they are: from UTC-12 to UTC+14, in s. */
const WEST_S = -12 * HOUR_S
const EAST_S = 14 * HOUR_S
/** So many calls have to agree on an offset. */
const ENOUGH_CALLS = 5
/** A clock may have been set back by so much since a channel was made: s. */
const CLOCK_SET_S = 60

const EPOCH = /^\d{9,10}(\.\d*)?$/
const DATE = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(\.\d+)?/
/** `1800000000.17`, `pbx1-1800000000.17`: Asterisk's Uniqueid begins with the second in which the channel was made. */
const UNIQUEID = /(?:^|\D)(\d{9,10})\.\d+$/

/** A row, by when it was written and of which call: both as they stand in the table. */
export interface StampedCall {
  readonly time: string | null
  readonly callid: string | null
}

/**
 * What the time column of a table means. Asterisk writes its local time there, or GMT (`queue_log_realtime_use_gmt`), and the
 * database may turn it once more (TIMESTAMP, timestamptz). So nothing is believed of the zone: the calls themselves tell it.
 * A line of a call is written after its channel was made, and of that the Uniqueid has the second. The first lines of some
 * calls at least come within a quarter of an hour, and zones are whole quarters of an hour.
 *
 * Where too few calls tell it, or summer time has begun or ended since, a row has two times between which it was written.
 */
export class TableClock {
  private readonly young: Ahead
  private readonly old: Ahead

  private constructor(young: Ahead, old: Ahead) {
    this.young = young
    this.old = old
  }

  /**
   * @param youngest rows of any calls, the last ones
   * @param older rows from when what is looked for may have been written
   */
  static learnedOf(youngest: readonly StampedCall[], older: readonly StampedCall[] = []): TableClock {
    const young = aheadOf(youngest)
    const old = aheadOf(older)
    if (old.least === old.most) {
      const [least, most] = [Math.min(young.least, old.least), Math.max(young.most, old.most)]
      return new TableClock(young, { least, most, from: old.from })
    }
    return new TableClock(young, {
      least: young.least - HOUR_S,
      most: young.most + HOUR_S,
      from: Number.NEGATIVE_INFINITY,
    })
  }

  /** When a row was written, of which the table says this: any time, if it says nothing of use. */
  momentOf(time: string | null): Moment {
    if (time !== null && EPOCH.test(time)) return { from: Number(time), to: Number(time) }
    const shown = secondsOf(time ?? '')
    if (shown === undefined) return { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }
    const { least, most } = shown >= this.young.from ? this.young : this.old
    return { from: shown - most, to: shown - least }
  }
}

/** By how much the times of some rows are ahead of UTC, in s: something between these two. */
interface Ahead {
  readonly least: number
  readonly most: number
  /** The time of the first of these rows, as the table tells it. */
  readonly from: number
}

function aheadOf(rows: readonly StampedCall[]): Ahead {
  const ahead = new Map<string, number>()
  let from = Number.POSITIVE_INFINITY
  for (const { time, callid } of rows) {
    const [, made] = UNIQUEID.exec(callid ?? '') ?? []
    const shown = secondsOf(time ?? '')
    if (callid === null || made === undefined || shown === undefined) continue
    const difference = shown - Number(made) + CLOCK_SET_S
    if (difference < WEST_S || difference > EAST_S + HOUR_S) continue
    ahead.set(callid, Math.min(ahead.get(callid) ?? difference, difference))
    from = Math.min(from, shown)
  }
  const quarters = [...ahead.values()].map((seconds) => Math.floor(seconds / QUARTER_S) * QUARTER_S)
  const most = Math.min(EAST_S, ...quarters)
  const isAgreed = quarters.filter((quarter) => quarter === most).length >= ENOUGH_CALLS
  return { least: isAgreed ? most : WEST_S, most, from }
}

/** A date and time as it would be in UTC: seconds since the epoch. */
function secondsOf(text: string): number | undefined {
  const [, year, month, day, hour, minute, second, fraction = '0'] = DATE.exec(text) ?? []
  if (second === undefined) return undefined
  const whole = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
  return whole / 1000 + Number(fraction)
}
