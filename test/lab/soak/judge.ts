import type { ExpectedLine } from '../expected-lines.ts'
import type { LaneLine } from '../lane-lines.ts'
import { compareLines } from '../match-lines.ts'
import type { Hold } from '../phone-holds.ts'

/** A time in which ami-track was not there, or has just come: ms since the epoch. */
export interface Window {
  what: string
  /** Whether another daemon took over. */
  isTakeOver: boolean
  began: number
  ended: number
}

/** What may be wrong with the lines of a call. */
export type Fault = 'missing' | 'doubled' | 'behind the end' | 'out of place'

const ENDS = /^(COMPLETE(AGENT|CALLER)|BLINDTRANSFER|ATTENDEDTRANSFER|ABANDON|EXITWITHTIMEOUT)$/

/** Whether a call was going on in a window. */
export function isTouched({ began, ended }: { began: number; ended: number }, windows: readonly Window[]): boolean {
  return windows.some((window) => began <= window.ended && ended >= window.began)
}

/**
 * What is wrong with the lines of a call.
 *
 * @param lines as in lane 0 and without their times
 * @param inRestart whether it went on in a restart: then lines of ami-track may be missing, and an end may be told otherwise
 */
export function faultOf(
  lines: readonly string[],
  expected: readonly (readonly ExpectedLine[])[],
  inRestart = false,
): Fault | undefined {
  if (compareLines(lines, expected).isSame) return undefined
  if (isBehindEnd(lines) && !isBehindEnd(expected.flat().map(textOf))) {
    return 'behind the end'
  }
  // Whether a member was added and removed equally often, is asked of the whole file.
  const there = counted(inRestart ? lines.filter((line) => !line.startsWith('MANAGER|')) : lines)
  const wanted = counted(expected.flat().map(textOf))
  if ([...there].some(([kind, count]) => count > (wanted.get(kind) ?? 0))) return 'doubled'
  if (inRestart) return undefined
  const isShort = lines.length < expected.flat().filter(({ mayBeMissing }) => !mayBeMissing).length
  return isShort ? 'missing' : 'out of place'
}

/**
 * Whether the lines are as they should be but for the end that Asterisk's queue wrote of a transfer. A busy Asterisk writes it
 * seconds late, and something else if the caller has hung up by then.
 */
export function isClosedLate(lines: readonly string[], expected: readonly (readonly ExpectedLine[])[]): boolean {
  const isOwnEnd = ({ isOurs, text }: ExpectedLine): boolean => !isOurs && isEndOfQueueCall(textOf({ text }))
  const isTransferred = expected.flat().some((line) => isOwnEnd(line) && /TRANSFER\|/.test(line.text))
  const rest = expected.map((paragraph) => paragraph.filter((line) => !isOwnEnd(line)))
  const own = lines.filter((line) => !isEndOfQueueCall(line))
  return isTransferred && lines.length > own.length && compareLines(own, rest).isSame
}

/**
 * Whether the lines are as they should be but for the end of a hold that a transfer ended in the same millisecond. Asterisk's line of the
 * transfer is there before that on a busy machine, and then no CALLEROFFHOLD may follow.
 */
export function isHoldEndedByTransfer(
  lines: readonly string[],
  expected: readonly (readonly ExpectedLine[])[],
): boolean {
  const isOff = ({ text }: ExpectedLine): boolean => text.includes('|CALLEROFFHOLD|')
  // One whose place among the others is not told.
  const rest = expected.filter((paragraph) => !paragraph.every(isOff))
  const isTransferred = expected.flat().some(({ text }) => /TRANSFER\|/.test(text))
  return isTransferred && rest.length < expected.length && compareLines(lines, rest).isSame
}

/** An end that Asterisk writes: those of ami-track's own calls have a colon. */
function isEndOfQueueCall(line: string): boolean {
  const [callid = '', , , event = ''] = line.split('|')
  return !callid.startsWith(':') && ENDS.test(event)
}

/** How many lines are missing of those that ami-track must write. */
export function missingOf(lines: readonly string[], expected: readonly (readonly ExpectedLine[])[]): number {
  const there = counted(lines)
  const wanted = counted(expected.flat().map(textOf))
  const ours = counted(
    expected
      .flat()
      .filter(({ isOurs }) => isOurs)
      .map(textOf),
  )
  return [...ours.keys()].reduce((sum, kind) => {
    return sum + Math.max(0, (wanted.get(kind) ?? 0) - (there.get(kind) ?? 0))
  }, 0)
}

/** Without its mark. */
function textOf({ text }: Pick<ExpectedLine, 'text'>): string {
  return text.replace(/^[+~?] /, '')
}

/** A hold behind the end of its call. */
function isBehindEnd(lines: readonly string[]): boolean {
  const over = new Set<string>()
  return lines.some((line) => {
    const [callid = '', queue = '', , event = ''] = line.split('|')
    const call = `${callid}|${queue}`
    if (event === 'ENTERQUEUE') over.delete(call)
    if (ENDS.test(event)) over.add(call)
    return /^CALLERO(N|FF)HOLD$/.test(event) && over.has(call)
  })
}

/** How many lines there are of each kind. All that ends a call is of one kind: a restart may not know who ended it. */
function counted(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of lines) {
    const [, queue = '', , event = ''] = line.split('|')
    const kind = `${queue}|${ENDS.test(event) ? 'end' : event}`
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return counts
}

/** A hold that was logged, beside the one that a phone made. */
export interface HoldOff {
  /** By how much the logged duration is off, in s: of whole seconds, so less than 1 is none. */
  seconds: number
  logged: string
}

/**
 * Compares the holds of a call with those of its phones.
 *
 * @returns one for each hold with an end in the lines; of one that no phone made, it is off by Infinity
 */
export function holdsOff(lines: readonly LaneLine[], holds: readonly Hold[]): HoldOff[] {
  const began = new Map<string, LaneLine>()
  return lines.flatMap((line) => {
    const [callid = '', , , event] = line.plain.split('|')
    if (event === 'CALLERONHOLD') began.set(callid, line)
    const on = began.get(callid)
    if (event !== 'CALLEROFFHOLD' || on === undefined) return []
    began.delete(callid)
    const logged = line.time - on.time
    const offs = holds.map((hold) => {
      const isIts = Math.abs(hold.began / 1000 - on.time) < 3
      return isIts && hold.ended !== undefined ? Math.abs(logged - (hold.ended - hold.began) / 1000) : Infinity
    })
    return [{ seconds: Math.min(Infinity, ...offs), logged: `${on.time}|${on.plain} … ${line.time}|${line.plain}` }]
  })
}

/**
 * The members that are logged in at the end of a file, though nobody is any more: `QUEUE|AGENT`. Those of a realtime queue never
 * leave: Asterisk logs them in as it first sees them, with the callid REALTIME.
 */
export function loggedInForEver(lines: readonly string[]): string[] {
  const last = new Map<string, string>()
  for (const line of lines) {
    const [, callid, queue, agent, event = ''] = line.split('|')
    if (callid !== 'REALTIME' && /^(ADD|REMOVE)MEMBER$/.test(event)) last.set(`${queue}|${agent}`, event)
  }
  return [...last].flatMap(([member, event]) => (event === 'ADDMEMBER' ? [member] : []))
}

/** The members of ami-track's own queues that were not added as often as they were removed: `QUEUE|AGENT`. */
export function unbalanced(lines: readonly string[]): string[] {
  const counts = new Map<string, number>()
  for (const line of lines) {
    const [, , queue = '', agent, event = ''] = line.split('|')
    if (!/^(q|pk)-/.test(queue) || !/^(ADD|REMOVE)MEMBER$/.test(event)) continue
    const member = `${queue}|${agent}`
    counts.set(member, (counts.get(member) ?? 0) + (event === 'ADDMEMBER' ? 1 : -1))
  }
  return [...counts].flatMap(([member, count]) => (count === 0 ? [] : [member]))
}
