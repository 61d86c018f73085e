import { strict as assert } from 'node:assert'
import type { AmiClient } from './ami-client.ts'
import type { Asterisk } from './asterisk.ts'
import type { Channels } from './channels.ts'
import { type ExpectedLine, paragraphsWithLate, parseExpected } from './expected-lines.ts'
import type { Flow } from './flow.ts'
import { asInLaneZero, extensions, type Lane, laneOf } from './lanes.ts'
import { type Comparison, compareLines } from './match-lines.ts'
import { seconds, until } from './patience.ts'
import type { Lines } from './queue-log-file.ts'
import { Stage } from './stage.ts'

/** So long after its last line a flow is over: nothing of ours waits longer, an end of a hold waits one second. */
const SETTLED_S = 1.3
const LINES_MS = 5000

/** Names in expected lines: the interfaces of the phones. */
const roles = new Map(Object.entries(extensions).map(([role, { number }]) => [role, `PJSIP/${number}`]))

/** What a flow was played on, and where its lines are. */
export interface Scenery {
  server: Asterisk
  ami: AmiClient
  channels: Channels
  queueLog: Lines
  /** Whether ami-track writes its lines into a file of its own: then they have no order with those of Asterisk. */
  isApart?: boolean
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
  hasFailed: boolean
}

/**
 * Plays a flow in a lane of a server, and compares its lines.
 *
 * @throws AssertionError with the lines that are there and those that should be
 */
export async function playFlow(flow: Flow, lane: Lane, scenery: Scenery, withDaemon = true): Promise<void> {
  const { server, ami, channels, queueLog } = scenery
  const played: Played = { flow, lane, from: queueLog.lines().length, expected: flow.lines, hasFailed: true }
  scenery.played.push(played)
  const stage = new Stage(lane, server.entry.ports, ami, channels)
  const compare = (): Comparison => comparisonOf(played, scenery, withDaemon)
  const lines = (isEnough: () => boolean): Promise<unknown> => until(isEnough, 'lines', LINES_MS).catch(() => {})
  try {
    try {
      await flow.play(stage)
    } finally {
      played.expected = `${flow.lines}\n\n${stage.memberLines}`
      await stage.clear()
      await lines(() => isAllBut(compare(), /REMOVEMEMBER\|$/))
      await stage.removeMembers()
    }
    await lines(() => compare().isSame)
    await seconds(SETTLED_S)
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${report(played, scenery, compare())}`, { cause: error })
  }
  assert.ok(compare().isSame, report(played, scenery, compare()))
  played.hasFailed = false
}

function isAllBut({ surprise, missing }: Comparison, toCome: RegExp): boolean {
  return surprise === undefined && missing.every((line) => toCome.test(line))
}

/** A line of queue_log: as it is there, and as it would be in lane 0, without its time. */
export interface PlayedLine {
  index: number
  plain: string
}

/** The lines of a played flow, up to a line of the file. */
export function linesOf(
  { lane, from }: Pick<Played, 'lane' | 'from'>,
  all: readonly string[],
  to = all.length,
): PlayedLine[] {
  return all
    .map((line, index) => ({ index, line }))
    .slice(from, to)
    .filter(({ line }) => !isOfAsteriskItself(line) && (lane.number === 0 || isOf(lane, line)))
    .map(({ index, line }) => ({ index, plain: asInLaneZero(line, lane).replace(/^\d+\|/, '') }))
}

/** A start or a rotation: of no call. */
export function isOfAsteriskItself(line: string): boolean {
  return /^\d+\|NONE\|NONE\|NONE\|(QUEUESTART|CONFIGRELOAD)\|$/.test(line)
}

function isOf(lane: Lane, line: string): boolean {
  return laneOf(...line.split('|').slice(1)) === lane
}

/** Expected lines in which the phones have their names. */
export function expectedOf(text: string): ExpectedLine[][] {
  return parseExpected(text, roles)
}

/** Compares the lines of a played flow with those expected; of a run without a daemon, only Asterisk's own. */
export function comparisonOf(
  played: Played,
  { queueLog, channels, isApart = false }: Scenery,
  withDaemon = true,
  lines = linesOf(played, queueLog.lines()).map(({ plain }) => plain),
): Comparison {
  const all = isApart ? expectedOf(played.expected).flatMap(apart) : expectedOf(played.expected)
  const isLate = lines.some((line) => channels.closedLate.has(line.split('|', 1)[0] ?? ''))
  const expected = isLate ? paragraphsWithLate(all) : all
  const wanted = withDaemon ? expected : expected.map((paragraph) => paragraph.filter(({ isOurs }) => !isOurs))
  return compareLines(lines, wanted)
}

/** A paragraph as two: the lines of ami-track, and those of Asterisk. */
function apart(paragraph: readonly ExpectedLine[]): ExpectedLine[][] {
  return [paragraph.filter(({ isOurs }) => isOurs), paragraph.filter(({ isOurs }) => !isOurs)]
}

function report(played: Played, { server, queueLog, dump }: Scenery, { surprise, missing }: Comparison): string {
  const { flow, lane, expected } = played
  const indented = (lines: readonly string[]): string => lines.map((line) => `    ${line.trim()}`.trimEnd()).join('\n')
  return [
    `${flow.name} on ${server.entry.name} (lane ${lane.number}): ${flow.title}`,
    surprise === undefined ? 'lines are missing' : `not expected there: ${surprise}`,
    `expected next: ${missing.join('  or  ') || 'nothing'}`,
    `expected:\n${indented(expected.trim().split('\n'))}`,
    `in queue_log:\n${indented(linesOf(played, queueLog.lines()).map(({ plain }) => plain))}`,
    `the AMI stream is in ${dump}`,
  ].join('\n')
}
