import { strict as assert } from 'node:assert'
import type { AmiClient } from './ami-client.ts'
import type { Asterisk } from './asterisk.ts'
import type { Channels } from './channels.ts'
import { type ExpectedLine, orCompleted, paragraphsWithLate, parseExpected } from './expected-lines.ts'
import type { Flow } from './flow.ts'
import type { LaneLine, LaneLines } from './lane-lines.ts'
import { extensions, type Lane } from './lanes.ts'
import { type Comparison, compareLines } from './match-lines.ts'
import { seconds, until } from './patience.ts'
import type { PhoneHolds } from './phone-holds.ts'
import { Stage } from './stage.ts'

/** So long after its last line a flow is over: nothing of ours waits longer, an end of a hold waits one second. */
const SETTLED_S = 1.3
const LINES_MS = 5000
/** How late a line of a hold may be, in ms, where a machine is busy: Asterisk stamps it when it takes it. */
const LATE_MS = 3000

/** Names in expected lines: the interfaces of the phones. */
const roles = new Map(Object.entries(extensions).map(([role, { number }]) => [role, `PJSIP/${number}`]))

/** What a flow was played on, and where its lines are. */
export interface Scenery {
  server: Asterisk
  ami: AmiClient
  channels: Channels
  queueLog: LaneLines
  /** Whether ami-track writes its lines into a file of its own: then they have no order with those of Asterisk. */
  isApart?: boolean
  /** Whether there is no audio in the calls. */
  isSilent?: boolean
  /** The flows that were played, in the order of their beginnings. */
  played: Played[]
  /** Where the AMI stream of the run is, to be named where a flow fails. */
  dump: string
}

/** A flow that was played: its lines are those of its lane from `from` on, in the queue_log of the server. */
export interface Played {
  flow: Flow
  lane: Lane
  from: number
  /** The expected lines: those of the flow, and those of the members that it added. */
  expected: string
  /** What its phones held, and when. */
  holds: PhoneHolds
  hasFailed: boolean
  /** Why it could not be played to its end. */
  failure?: string
  /** When: ms since the epoch. */
  began: number
  ended: number
}

/**
 * Plays a flow in a lane of a server, and compares its lines.
 *
 * @throws AssertionError with the lines that are there and those that should be
 */
export async function playFlow(flow: Flow, lane: Lane, scenery: Scenery, withDaemon = true): Promise<void> {
  const { server, ami, channels, queueLog } = scenery
  const stage = new Stage(lane, server.entry, ami, channels, scenery.isSilent)
  const played: Played = {
    flow,
    lane,
    from: queueLog.lines().length,
    expected: flow.lines,
    holds: stage.holds,
    hasFailed: true,
    began: Date.now(),
    ended: Number.POSITIVE_INFINITY,
  }
  scenery.played.push(played)
  const compare = (): Comparison => comparisonOf(played, scenery, withDaemon)
  const lines = (isEnough: () => boolean): Promise<unknown> => until(isEnough, 'lines', LINES_MS).catch(() => {})
  try {
    try {
      await flow.play(stage)
    } catch (error) {
      played.failure = (error as Error).message
      throw error
    } finally {
      played.expected = `${flow.lines}\n\n${stage.memberLines}`
      await stage.clear()
      await lines(() => isAllBut(compare(), /REMOVEMEMBER\|$/))
      await stage.removeMembers()
    }
    await lines(() => compare().isSame)
    await seconds(SETTLED_S)
  } catch (error) {
    played.failure ??= (error as Error).message
    throw new Error(`${(error as Error).message}\n${report(played, scenery, compare())}`, { cause: error })
  } finally {
    played.ended = Date.now()
  }
  assert.ok(compare().isSame, report(played, scenery, compare()))
  const faults = faultsOfHolds(played, linesOf(played, queueLog), LATE_MS)
  assert.deepEqual(faults, [], report(played, scenery, compare(), faults.join('\n')))
  played.hasFailed = false
}

function isAllBut({ surprise, missing }: Comparison, toCome: RegExp): boolean {
  return surprise === undefined && missing.every((line) => toCome.test(line))
}

/** The lines of a played flow, up to a line of the file. */
export function linesOf({ lane, from }: Pick<Played, 'lane' | 'from'>, queueLog: LaneLines, to?: number): LaneLine[] {
  return queueLog.of(lane, from, to)
}

/**
 * What is wrong with the times of the holds of a flow. Where it goes through a gap they are not those of its phones.
 *
 * @param lateMs how late lines may be; those of a replay have the times of their events
 */
export function faultsOfHolds({ flow, holds }: Played, lines: readonly { line: string }[], lateMs?: number): string[] {
  return flow.hasGap
    ? []
    : holds.faultsOf(
        lines.map(({ line }) => line),
        lateMs,
      )
}

/** Expected lines in which the phones have their names. */
export function expectedOf(text: string): ExpectedLine[][] {
  return parseExpected(text, roles)
}

/** The lines that a played flow must have left, as far as Asterisk was in time with its own. */
export function expectedLinesOf(
  { expected }: Pick<Played, 'expected'>,
  { server, channels, isApart = false }: Pick<Scenery, 'server' | 'channels' | 'isApart'>,
  lines: readonly string[],
): ExpectedLine[][] {
  const written = isApart ? expectedOf(expected).flatMap(apart) : expectedOf(expected)
  // chan_sip hangs up who transfers some 3 ms behind the transfer, and app_queue hears of the two by different threads.
  const all = server.entry.technology === 'SIP' ? written.map((lines) => lines.map(orCompleted)) : written
  const isLate = lines.some((line) => channels.closedLate.has(line.split('|', 1)[0] ?? ''))
  return isLate ? paragraphsWithLate(all) : all
}

/** Compares the lines of a played flow with those expected; of a run without a daemon, only Asterisk's own. */
export function comparisonOf(
  played: Played,
  scenery: Scenery,
  withDaemon = true,
  lines = linesOf(played, scenery.queueLog).map(({ plain }) => plain),
): Comparison {
  const expected = expectedLinesOf(played, scenery, lines)
  const wanted = withDaemon ? expected : expected.map((paragraph) => paragraph.filter(({ isOurs }) => !isOurs))
  return compareLines(lines, wanted)
}

/** A paragraph as two: the lines of ami-track, and those of Asterisk. */
function apart(paragraph: readonly ExpectedLine[]): ExpectedLine[][] {
  return [paragraph.filter(({ isOurs }) => isOurs), paragraph.filter(({ isOurs }) => !isOurs)]
}

function report(
  played: Played,
  { server, queueLog, dump }: Scenery,
  { isSame, surprise, missing }: Comparison,
  faults = '',
): string {
  const { flow, lane, expected } = played
  const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line.trim()}`.trimEnd()).join('\n')
  return [
    `${flow.name} on ${server.entry.name} (lane ${lane.number}): ${flow.title}`,
    ...(isSame ? [faults] : []),
    ...(isSame ? [] : [surprise === undefined ? 'lines are missing' : `not expected there: ${surprise}`]),
    ...(isSame ? [] : [`expected next: ${missing.join('  or  ') || 'nothing'}`]),
    `expected:\n${indented(expected.trim().split('\n'))}`,
    `in queue_log:\n${indented(linesOf(played, queueLog).map(({ plain }) => plain))}`,
    `the AMI stream is in ${dump}`,
  ].join('\n')
}
