import type { PbxStatus } from '../live/pbx-status.ts'
import { table } from '../text/columns.ts'
import { oneLine } from '../text/one-line.ts'
import { clockTime, dateAndTime, roughly } from './words.ts'

/** What a daemon says of itself. */
export interface DaemonStatus {
  readonly program: string
  /** By its clock: ms since the epoch. */
  readonly now: number
  readonly pbxs: readonly PbxStatus[]
}

/** What the roles mean to a person. */
const ROLES: Readonly<Record<PbxStatus['role'], string>> = {
  active: 'active: it writes the queue_log',
  standby: 'standby: another ami-track writes the queue_log; this one takes over if that one ends',
  listening: 'listening: it checks whether another ami-track writes the queue_log',
  claiming: 'claiming: it is about to write the queue_log',
  leaving: 'leaving: it is about to end',
}

/** So many different ones. */
const MAX_REMEDIES = 5
/** More PBXs are not shown one by one, but those with a trouble. */
const MAX_ROWS = 1000

/** How a daemon is, on one screen. */
export function statusText(status: DaemonStatus): string {
  const [only] = status.pbxs
  const lines = status.pbxs.length === 1 && only !== undefined ? ofOne(only, status) : ofMany(status)
  return lines.map((line) => `${line}\n`).join('')
}

function ofOne(pbx: PbxStatus, { program, now }: DaemonStatus): string[] {
  const {
    name,
    address,
    asterisk,
    isConnected,
    connectedSince,
    reconnects,
    role,
    openCalls,
    state,
    trouble,
    lastLine,
  } = pbx
  const since = connectedSince === null ? '' : `since ${dateAndTime(connectedSince)} (${roughly(now - connectedSince)})`
  const again = reconnects === 0 ? '' : `, connected again ${counted(reconnects, 'time')}`
  return [
    `ami-track ${program} on ${name === '' ? '' : `${oneLine(name)}, `}${oneLine(address)}${asterisk === null ? '' : `, Asterisk ${oneLine(asterisk)}`}`,
    ...table([
      ['connected', isConnected ? `${since}${again}` : 'no'],
      ['role', ROLES[role]],
      ['open calls', numbersOf(openCalls, 'none')],
      ['events', eventsOf(pbx, now)],
      ['lines today', linesOf(pbx)],
      ...notWrittenOf(pbx),
      [
        'last line',
        lastLine === null ? 'none since the start' : `${clockTime(lastLine.at)}  ${fieldsOf(lastLine.text)}`,
      ],
      ...(state === null ? [] : [['state', stateOf(state)]]),
    ]),
    ...(trouble === null ? [] : ['', `! ${oneLine(trouble.text)}`, `  ${oneLine(trouble.remedy)}`]),
  ]
}

function ofMany({ program, now, pbxs }: DaemonStatus): string[] {
  const troubled = pbxs.filter(({ trouble }) => trouble !== null)
  const fine = pbxs.filter(({ trouble }) => trouble === null)
  const shown = [...troubled, ...fine].slice(0, MAX_ROWS)
  const hidden = pbxs.length - shown.length
  return [
    `ami-track ${program} follows ${counted(pbxs.length, 'PBX', 'PBXs')}, ${troubled.length} with a problem`,
    '',
    ...table([
      ['PBX', 'ADDRESS', 'CONNECTED', 'ROLE', 'CALLS', 'LINES TODAY', 'LAST LINE', 'TROUBLE'],
      ...shown.map((pbx) => [
        pbx.name,
        pbx.address,
        pbx.connectedSince === null ? 'no' : roughly(now - pbx.connectedSince),
        pbx.isConnected ? pbx.role : '',
        String(Math.max(0, ...Object.values(pbx.openCalls))),
        String(sumOf(pbx.linesToday.byVerb)),
        pbx.lastLine === null ? '' : clockTime(pbx.lastLine.at),
        pbx.trouble?.text ?? '',
      ]),
    ]),
    ...(hidden > 0 ? [`and ${hidden} more`] : []),
    ...[...new Set(troubled.map(({ trouble }) => trouble?.remedy ?? ''))]
      .slice(0, MAX_REMEDIES)
      .map((remedy) => `! ${oneLine(remedy)}`),
  ]
}

function eventsOf({ lagMs, lastEventAt, waitingBytes }: PbxStatus, now: number): string {
  if (lastEventAt === null) return 'none yet'
  const lag = lagMs === null ? '' : `, lag ${Math.round(lagMs)} ms`
  const waits = waitingBytes === 0 ? '' : `, ${Math.ceil(waitingBytes / 1024)} KiB wait`
  return `the last one ${roughly(now - lastEventAt)} ago${lag}${waits}`
}

function linesOf({ linesToday: { since, byVerb }, unwritten, unanswered }: PbxStatus): string {
  const waiting = (unwritten ?? 0) + (unanswered ?? 0)
  const waits = waiting === 0 ? '' : `; ${counted(waiting, 'line')} on the way`
  return `${numbersOf(byVerb, 'none')} (since ${clockTime(since)})${waits}`
}

function notWrittenOf({ notWritten }: PbxStatus): string[][] {
  return sumOf(notWritten) === 0 ? [] : [['not written', numbersOf(notWritten, '')]]
}

function stateOf({ isKept, bytes, waitingBytes }: NonNullable<PbxStatus['state']>): string {
  const waits = waitingBytes === 0 ? '' : `, ${Math.ceil(waitingBytes / 1024)} KiB of it wait for the disk`
  return `${isKept ? 'kept' : 'not complete'}, ${Math.ceil(bytes / 1024)} KiB${waits}`
}

/** `CONNECT 12, ENTERQUEUE 3`: the most first. */
function numbersOf(numbers: Readonly<Record<string, number>>, none: string): string {
  const told = Object.entries(numbers)
    .filter(([, count]) => count > 0)
    .sort(([, one], [, other]) => other - one)
    .map(([name, count]) => `${name} ${count}`)
  return told.length === 0 ? none : told.join(', ')
}

function sumOf(numbers: Readonly<Record<string, number>>): number {
  return Object.values(numbers).reduce((sum, number) => sum + number, 0)
}

/** A line of queue_log without its time. */
function fieldsOf(text: string): string {
  return text.slice(text.indexOf('|') + 1)
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
