/** Zones change at whole quarters of an hour. */
const QUARTER_S = 900
/** Of so many quarters the offset is kept. */
const MOST_KEPT = 1000

/** Tells what the clocks of a time zone show. */
export class Zone {
  private readonly format: Intl.DateTimeFormat
  private readonly offsets = new Map<number, number>()

  /**
   * @param name `Europe/Berlin`, `UTC`; undefined: that of this machine
   * @throws RangeError if there is no such zone
   */
  constructor(name: string | undefined) {
    this.format = new Intl.DateTimeFormat('en-US', {
      ...(name === undefined ? {} : { timeZone: name }),
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  /** @param time seconds since the epoch @returns `2026-11-28 01:02:03.000000` */
  civil(time: number): string {
    return clockText(time + this.offsetAt(time))
  }

  /** By how much the clocks are ahead of UTC: s. */
  private offsetAt(time: number): number {
    const quarter = Math.floor(time / QUARTER_S)
    const known = this.offsets.get(quarter)
    if (known !== undefined) return known
    const begin = quarter * QUARTER_S
    const parts = Object.fromEntries(
      this.format.formatToParts(begin * 1000).map(({ type, value }) => [type, Number(value)]),
    )
    const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
    const offset = Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - begin
    if (this.offsets.size >= MOST_KEPT) this.offsets.clear()
    this.offsets.set(quarter, offset)
    return offset
  }
}

/** The time that UTC shows, with microseconds. */
export function utc(time: number): string {
  return clockText(time)
}

function clockText(time: number): string {
  const whole = Math.floor(time)
  const micros = Math.min(999_999, Math.round((time - whole) * 1e6))
  const iso = new Date(whole * 1000).toISOString()
  return `${iso.slice(0, 10)} ${iso.slice(11, 19)}.${String(micros).padStart(6, '0')}`
}
