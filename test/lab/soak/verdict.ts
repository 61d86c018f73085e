import { availableParallelism } from 'node:os'
import type { LaneLine } from '../lane-lines.ts'
import { laneOf } from '../lanes.ts'
import { compareLines } from '../match-lines.ts'
import type { Run } from '../run.ts'
import { expectedLinesOf, linesOf, type Played } from '../run-flow.ts'
import { grouped } from './grouped.ts'
import {
  type Fault,
  faultOf,
  holdsOff,
  isClosedLate,
  isHoldEndedByTransfer,
  isTouched,
  loggedInForEver,
  missingOf,
  unbalanced,
  type Window,
} from './judge.ts'
import type { Life } from './life.ts'
import type { Lives } from './lives.ts'
import { TOO_LATE } from './mix.ts'
import { compareReplay, type Told } from './replays.ts'

/** What the load was. */
export interface Load {
  rate: number
  minutes: number
  seed: number
  laneCount: number
  /** Calls that were begun, and those that were not, as no lane was free. */
  calls: number
  withoutLane: number
  mostAtOnce: number
  /** The load of the machine (1 minute), each second. */
  machine: readonly number[]
  /** How long it took at the end until the journal was small: ms. */
  idleMs: number | undefined
  /** Calls that the daemons say are open after the last one. */
  open: readonly string[]
}

/** How a soak went. */
export interface Outcome {
  /** For people: a line each. */
  figures: string[]
  /** What is not as it should be: a sentence each; empty if all is well. */
  differences: string[]
  /** Of each call that differs, and of each that lacks a line in a restart: what was expected, and what is there. */
  reports: string[]
}

/** How far a logged hold may be from that at the phone: times are whole seconds, and the last 1 s is what is promised. */
const HOLD_S = 2
const JOURNAL_BYTES = 10e6
const STOP_MS = 50
/** A heap may grow by so much in the second half of a life, which is noise; of a life that is long enough to tell. */
const GROWTH_BYTES = 10e6
const GROWTH_AFTER_S = 240
/** Calls that went otherwise at the phones than they should: of more than these nothing can be said. */
const FAILED_SHARE = 0.01
/** With more than so many programs that want to run for each processor, it is the machine that makes a loop stand. */
const BUSY_LOAD = 2

interface Judged extends Told {
  lines: readonly LaneLine[]
  isTouched: boolean
  /** Whether Asterisk wrote its own end late. */
  isClosedLate: boolean
  /** Whether a transfer ended a hold in the same moment, so that it has no end of its own. */
  isHeldToTheEnd: boolean
  fault: Fault | undefined
  missing: number
}

/** Holds all lines of a soak against what the phones know, and all figures against what is promised. */
export async function verdictOn(run: Run, lives: Lives, load: Load): Promise<Outcome> {
  const figures: string[] = []
  const differences: string[] = []
  const reports: string[] = []
  const all = run.queueLog.lines()
  const failed = run.played.filter(({ failure }) => failure !== undefined)
  const judged = judgedCalls(run, lives)
  const apart = judged.filter((call) => !call.isTouched)
  const inRestarts = judged.filter((call) => call.isTouched)

  const machine = load.machine.reduce((sum, one) => sum + one, 0) / load.machine.length
  figures.push(
    `${load.calls} calls in ${load.minutes} minutes (${(load.calls / load.minutes / 60).toFixed(1)}/s of ${load.rate}/s wanted), ` +
      `${load.mostAtOnce} at once at most, seed ${load.seed}`,
    `${load.withoutLane} calls were left out, as none of ${load.laneCount} lanes was free`,
    `${failed.length} calls went otherwise at the phones: ${mostOften(failed.map(({ failure = '' }) => failure))}`,
    `load of the machine: ${machine.toFixed(1)}`,
    `${all.length} lines in queue_log, ${judged.reduce((sum, { ours }) => sum + ours.length, 0)} of them by ami-track`,
  )
  const isBusy = machine > BUSY_LOAD * availableParallelism()
  const tooMany = failed.filter(({ failure = '' }) => !failure.includes(TOO_LATE)).length > load.calls * FAILED_SHARE
  if (tooMany) differences.push(`${failed.length} calls went otherwise at the phones`)

  for (const call of judged) {
    if (call.missing > 0 || call.fault !== undefined) reports.push(reportOf(call))
    if (call.fault === undefined) continue
    const where = `${call.played.flow.name} in lane ${call.played.lane.number}${call.isTouched ? ', in a restart' : ''}`
    differences.push(`${where}: ${call.fault}`)
  }
  figures.push(
    `${judged.filter((call) => call.isClosedLate).length} transferred calls Asterisk itself closed late, or as hung up`,
    `${judged.filter((call) => call.isHeldToTheEnd).length} transfers ended a hold in the same moment, and Asterisk's line was first`,
    `${apart.length} calls outside restarts: ${apart.filter(({ fault }) => fault !== undefined).length} differ`,
    `${inRestarts.length} calls in restarts: ${inRestarts.reduce((sum, { missing }) => sum + missing, 0)} lines of ` +
      `ami-track are missing, ${inRestarts.filter(({ fault }) => fault !== undefined).length} calls have a line that must not be there`,
    ...lives.windows.map((window) => {
      const { what, began, ended } = window
      const touched = inRestarts.filter(({ played }) => isTouched(played, [window]))
      const missing = touched.reduce((sum, call) => sum + call.missing, 0)
      return `  ${what}: ${((ended - began) / 1000).toFixed(1)} s, ${touched.length} calls, ${missing} lines missing`
    }),
  )

  const holds = apart.flatMap(({ played, lines }) => holdsOff(lines, played.holds.all))
  const off = holds.filter((hold) => hold.seconds >= HOLD_S)
  figures.push(
    `${holds.length} holds outside restarts: ${Math.max(0, ...holds.map((hold) => hold.seconds)).toFixed(2)} s off at most`,
  )
  differences.push(...off.map((hold) => `a hold is ${hold.seconds.toFixed(1)} s off: ${hold.logged}`))

  const left = [...new Set([...unbalanced(all), ...loggedInForEver(all)])]
  const mayBeLeft = (member: string): boolean => isLostInRestart(member, judged, lives.windows)
  figures.push(
    `members: ${left.length} were added and removed not equally often, or stay logged in; ` +
      `${left.filter(mayBeLeft).length} of them as is documented of restarts`,
  )
  differences.push(...left.filter((member) => !mayBeLeft(member)).map((member) => `not balanced: ${member}`))

  await judgeReplays(run, lives, apart, figures, differences)
  for (const life of lives.all) judgeLife(life, isBusy, figures, differences)
  figures.push(
    load.idleMs === undefined
      ? 'the journal is not small a minute after the last call'
      : `the journal was small ${(load.idleMs / 1000).toFixed(0)} s after the last call`,
  )
  if (load.idleMs === undefined) differences.push('the journal is not small a minute after the last call')
  differences.push(...load.open.map((call) => `open after the last call: ${call}`))
  return { figures, differences, reports }
}

/**
 * Whether a member is of those that may be left (docs/reliability.md, docs/connect.md): of a tracked call, where lines were
 * lost as another daemon took over; one with a name, where it was removed while nobody listened.
 */
function isLostInRestart(member: string, judged: readonly Judged[], windows: readonly Window[]): boolean {
  const lane = laneOf(...member.split('|'))
  const isTracked = /^(q|pk)-/.test(member)
  const some = windows.filter(({ isTakeOver }) => isTakeOver || !isTracked)
  return judged.some(({ played, missing }) => played.lane === lane && missing > 0 && isTouched(played, some))
}

function judgedCalls(run: Run, lives: Lives): Judged[] {
  const next = new Map<Played, Played>()
  for (const flows of grouped(run.played, ({ lane }) => lane).values()) {
    for (const [at, played] of flows.entries()) {
      const following = flows[at + 1]
      if (following !== undefined) next.set(played, following)
    }
  }
  /** Whose each call is: a restart ends calls of which nobody told, when the next one in their lane has begun. */
  const owner = new Map<string, Played>()
  return run.played.flatMap((played) => {
    // Up to the next one in its lane.
    const lines = linesOf(played, run.queueLog, next.get(played)?.from).filter(({ plain }) => {
      const callid = plain.split('|', 1)[0]?.replace(/^:/, '') ?? ''
      if (!owner.has(callid)) owner.set(callid, played)
      return callid === 'MANAGER' || owner.get(callid) === played
    })
    if (played.failure !== undefined) return []
    const plain = lines.map((line) => line.plain)
    const expected = expectedLinesOf(played, run, plain)
    const touched = isTouched(played, lives.windows)
    const { isSame, ours } = compareLines(plain, expected)
    const late = !isSame && isClosedLate(plain, expected)
    const isHeldToTheEnd = !isSame && isHoldEndedByTransfer(plain, expected)
    return {
      played,
      lines,
      ours: plain.filter((_, index) => ours.has(index)),
      isTouched: touched,
      isClosedLate: late,
      isHeldToTheEnd,
      fault: late || isHeldToTheEnd ? undefined : faultOf(plain, expected, touched),
      missing: missingOf(plain, expected),
    }
  })
}

async function judgeReplays(
  run: Run,
  lives: Lives,
  apart: readonly Judged[],
  figures: string[],
  differences: string[],
): Promise<void> {
  const told = apart.filter((call) => call.fault === undefined && !call.isClosedLate && !call.isHeldToTheEnd)
  for (const life of lives.all) {
    const { compared, differences: found } = await compareReplay(life, run, told)
    figures.push(`replay of the debug file of ${life.name}: ${compared} calls compared, ${found.length} differ`)
    differences.push(...found)
  }
}

function judgeLife(life: Life, isBusy: boolean, figures: string[], differences: string[]): void {
  const { name, exitCode, daemon, growth, stops } = life
  const journal = life.most(({ journalBytes }) => journalBytes)
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
  figures.push(
    `${name}: ${life.seconds.toFixed(0)} s, ${(life.cpuShare * 100).toFixed(0)} % of a processor, journal ${mb(journal)} at most, ` +
      `memory ${mb(life.most(({ rssBytes }) => rssBytes))} at most, heap grown by ${mb(growth)}; the loop stood for ` +
      `${stops.longestOwn.toFixed(0)} ms at most by its own work (${stops.own50} times over ${STOP_MS}), ` +
      `${stops.longest.toFixed(0)} ms with the waits for a processor; lag ${life.most(({ lagSeconds }) => lagSeconds).toFixed(2)} s at most, ` +
      `${life.most(({ openCalls }) => openCalls)} open calls at most`,
  )
  if (journal > JOURNAL_BYTES) differences.push(`${name}: its journal had ${mb(journal)}`)
  if (stops.longestOwn > STOP_MS && !isBusy)
    differences.push(`${name}: its loop stood for ${stops.longestOwn.toFixed(0)} ms`)
  if (life.seconds > GROWTH_AFTER_S && growth > GROWTH_BYTES)
    differences.push(`${name}: its heap has grown by ${mb(growth)}`)
  if (exitCode !== undefined && exitCode !== 0) differences.push(`${name}: SIGTERM ended it with ${exitCode}`)
  const isOfTakeOver = (text: string): boolean =>
    /^another ami-track, on |^ami-track on .* gives no sign of life/.test(text)
  const isOfMachine = (text: string): boolean => isBusy && / has not answered for \d+ s: its disk /.test(text)
  const complaints = daemon
    .messages('warn', 'error', 'fatal')
    .filter((text) => !isOfTakeOver(text) && !isOfMachine(text))
  differences.push(...complaints.map((text) => `${name} says: ${text}`))
}

function reportOf({ played, lines, fault, missing }: Judged): string {
  const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line.trim()}`).join('\n')
  const actual = lines.map(({ time, plain }) => `${time}|${plain}`)
  const times = [played.began, played.ended].map((ms) => (ms / 1000).toFixed(1)).join(' to ')
  return [
    `${played.flow.name} in lane ${played.lane.number}, ${times}: ${fault ?? `${missing} lines missing in a restart`}`,
    `expected:\n${indented(played.expected.trim().split('\n'))}`,
    `in queue_log:\n${indented(actual)}`,
  ].join('\n')
}

/** The three most frequent texts, numbers in them aside. */
function mostOften(texts: readonly string[]): string {
  const groups = grouped(texts, (text) => text.replace(/\d+/g, 'N').slice(0, 100))
  const most = [...groups].toSorted(([, one], [, other]) => other.length - one.length).slice(0, 3)
  return most.map(([text, some]) => `${some.length} × ${text}`).join('; ') || 'none'
}
