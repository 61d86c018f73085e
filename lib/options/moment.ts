import { quoted } from '../text/quoted.ts'
import { type OptionKind, UsageError } from './kinds.ts'

const EPOCH_SECONDS = /^\d{1,11}(\.\d{1,9})?$/
const ISO_8601 = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(?: ?(Z|[+-]\d\d(?::?\d\d)?))?)?$/i

/**
 * `--since 2026-11-22T18:49:20Z`: a moment, in seconds since the epoch. ISO 8601, in this machine's time where no zone is
 * given, or epoch seconds as queue_log has them; undefined if not given.
 */
export function moment(): OptionKind<number | undefined> {
  return {
    fallback: undefined,
    shown: 'TIME',
    read: (name, value) => {
      const seconds = EPOCH_SECONDS.test(value) ? Number(value) : isoSeconds(value)
      if (Number.isFinite(seconds)) return seconds
      const isMs = /^\d{12,}$/.test(value) ? ', in seconds' : ''
      throw new UsageError(
        `--${name} takes a time such as 2026-11-22T18:49:20, 2026-11-22T18:49:20Z or 1795373360${isMs}, not ${quoted(value)}`,
      )
    },
  }
}

/** Seconds since the epoch, or NaN. */
function isoSeconds(value: string): number {
  const [, day, time = '00:00', zone = ''] = ISO_8601.exec(value) ?? []
  // Date takes the 30th of February for the 1st or 2nd of March.
  if (day === undefined || !isDay(day)) return Number.NaN
  const offset = zone.replace(/^([+-]\d\d):?(\d\d)?$/, (_all, hours, minutes = '00') => `${hours}:${minutes}`)
  return Date.parse(`${day}T${time}${offset.toUpperCase()}`) / 1000
}

function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}

/** From when on, and before when: seconds since the epoch. */
export interface Period {
  readonly since?: number | undefined
  readonly until?: number | undefined
}

/** The options of a period. */
export const periodOptions = { since: moment(), until: moment() }

/** @throws UsageError if nothing can be within the period */
export function checkPeriod({ since, until }: Period): void {
  if (since !== undefined && until !== undefined && until <= since) {
    throw new UsageError('--until must be later than --since')
  }
}
