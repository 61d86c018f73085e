/**
 * Several flows run at once on one server, each in a lane of its own: with its own extensions, queues, parking lots,
 * trunk and account codes. Lane 0 has the plain names (1001, `support`, `default`); lane 3 has 1301, `support_3`,
 * `default_3`. Whatever a lane's name stands in is told from the lines of others, and reads as in lane 0.
 */
export interface Lane {
  readonly number: number
  /** Behind each name of its own: `_3`, or nothing. */
  readonly suffix: string
}

/** How many there are on each server, if no more are asked for. */
export const LANES = 8
/** How many there can be: each has 8 ports of a server's 2000 for phones. */
export const MOST_LANES = 250

export const lanes: readonly Lane[] = Array.from({ length: MOST_LANES }, (_, number) => ({
  number,
  suffix: number === 0 ? '' : `_${number}`,
}))

/** The phones of a lane: their extensions in lane 0, and account codes. */
export const extensions = {
  /** Whose calls are looked at. */
  agent: { number: '1001', account: 'acme' },
  colleague: { number: '1002', account: 'acme' },
  /** Without an account code. */
  guest: { number: '1003', account: '' },
  stranger: { number: '1004', account: 'beta' },
  /** Two phones. */
  doubled: { number: '1005', account: 'acme' },
} as const

export type Role = keyof typeof extensions

/** The trunks of a lane, which lead to the outside world. */
export const trunks = ['trunk', 'backup'] as const

export type Trunk = (typeof trunks)[number]

/** The caller from outside, in lane 0. */
export const CALLER = '5551000'

/** The extension of lane 0 as it is in a lane: 1001 → 1301, and in lane 12 → 11201. */
export function extensionIn(lane: Lane, number: string): string {
  return number.replace(/^10(?=0\d$)/, `1${lane.number}`)
}

export function callerIn(lane: Lane): string {
  return CALLER.replace(/0$/, String(lane.number))
}

/** A Uniqueid, with or without a system name and our colon. */
const UNIQUEID = /^:?(?:[\w-]+-)?\d+\.\d+$/

/** The lane (other than 0) that a column of a queue_log line, or a name or number of a channel, is of. */
export function laneOf(...columns: readonly string[]): Lane | undefined {
  for (const column of columns) {
    if (UNIQUEID.test(column)) continue
    const number =
      /_([1-9]\d{0,2})(?![0-9A-Za-z])/.exec(column)?.[1] ?? /(?<!\d)1([1-9]\d{0,2})0\d(?!\d)/.exec(column)?.[1]
    if (number !== undefined) return lanes[Number(number)]
    const caller = /(?<!\d)555100([1-9]\d{0,2})(?!\d)/.exec(column)?.[1]
    if (caller !== undefined) return lanes[Number(caller)]
  }
  return undefined
}

/** A line of a lane as it would be in lane 0. */
export function asInLaneZero(line: string, lane: Lane): string {
  return line
    .split('|')
    .map((column) => (UNIQUEID.test(column) ? column : plainColumn(column, lane)))
    .join('|')
}

function plainColumn(column: string, { number, suffix }: Lane): string {
  const plain = suffix === '' ? column : column.replaceAll(new RegExp(`${suffix}(?![0-9A-Za-z])`, 'g'), '')
  return plain
    .replaceAll(new RegExp(`(?<!\\d)1${number}(0\\d)(?!\\d)`, 'g'), '10$1')
    .replaceAll(new RegExp(`(?<!\\d)555100${number}(?!\\d)`, 'g'), CALLER)
}
