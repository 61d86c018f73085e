import { QUEUE_LOG_ACTION } from '../ami/privileges.ts'
import type { SinkKind } from '../sinks/sink.ts'
import {
  type Configuration,
  fileOf,
  isTrue,
  LINE_MS,
  type LineFacts,
  MISSING,
  type Purpose,
  type ServerFacts,
} from './facts.ts'
import { type Finding, note, ok, wrong } from './finding.ts'

const RELOAD = "asterisk -rx 'logger reload'"
const TABLE_REMEDY =
  'check the log of Asterisk for database errors. Check that the table has the columns time, callid, ' +
  'queuename, agent, event, data1 to data5, and that func_realtime.so is loaded (doctor needs it to find the line)'

/** Whether lines get to where reporting reads them. */
export function queueLogFindings(purpose: Purpose, facts: ServerFacts): Finding[] {
  if (!purpose.sink.stampsTimes) return ownFileFindings(purpose.sink, facts)
  return [queueLogFinding(purpose, facts), realtimeFinding(purpose, facts)]
}

function ownFileFindings({ ownFile }: SinkKind, { unwritable }: ServerFacts): Finding[] {
  const check = 'queuelog file'
  if (ownFile === undefined) return [ok(check, 'lines go to stdout')]
  if (unwritable === undefined) return [ok(check, `ami-track can append lines to ${ownFile}`)]
  const remedy = 'let the user that runs ami-track write there, or name another file with --queuelog'
  return [wrong(check, `cannot write ${ownFile}: ${unwritable}`, remedy)]
}

function queueLogFinding({ tail }: Purpose, { answers, configuration, line }: ServerFacts): Finding {
  const check = 'queue_log'
  const { place, unreadable, isTaken, isInTail, isInTable, refusal = '' } = line
  if (isInTail === true) return ok(check, `the test line that doctor sent to Asterisk is in ${place}`)
  if (configuration !== undefined && isOff(configuration)) {
    return wrong(
      check,
      'logger.conf has queue_log = no: Asterisk accepts every line, but writes none',
      `set queue_log = yes in [general] of logger.conf, then ${RELOAD}`,
    )
  }
  if (isTaken === false) return refused(check, refusal, answers.get(QUEUE_LOG_ACTION.name) === 'denied')
  if (tail?.kind === 'table') return namedTableFinding(check, line)
  const isFileWritten = configuration === undefined || configuration.realtime === '' || isToFile(configuration)
  if (!isFileWritten && isInTable === true)
    return ok(check, 'the test line that doctor sent to Asterisk is in its table')
  if (!isFileWritten && isInTable === false) {
    return wrong(
      check,
      `Asterisk accepted the test line, but it is not in the table that extconfig.conf gives for queue_log (${configuration.realtime})`,
      TABLE_REMEDY,
    )
  }
  if (tail !== undefined && unreadable?.reason === MISSING && isTaken === undefined) {
    return note(check, `${place} does not exist: a new Asterisk can create it with its first line (13 does)`)
  }
  if (tail !== undefined && unreadable !== undefined) {
    return wrong(
      check,
      `cannot read ${place} (${unreadable.reason}), so ami-track cannot check there whether a line arrived`,
      'let the user that runs ami-track read it (group asterisk), or give the right file with --queuelog-tail',
    )
  }
  if (isInTail === false && isFileWritten && unreadable === undefined) {
    return notInFile(check, place ?? '', configuration)
  }
  const enabled = configuration === undefined ? '' : 'it is enabled in logger.conf; '
  if (isTaken === undefined) {
    const untried = `${enabled}doctor did not test whether Asterisk really writes lines`
    return configuration === undefined ? note(check, untried) : ok(check, untried)
  }
  const why =
    place === undefined ? 'the file is on another machine' : `cannot read ${place} here (${unreadable?.reason})`
  return note(
    check,
    `${enabled}Asterisk accepted the test line, but it is unknown whether it wrote it: ${why}`,
    'run doctor on the PBX as a user who can read queue_log, or give the file with --queuelog-tail',
  )
}

/** Of the table that is named with --queuelog-tail, and in which no line came up. */
function namedTableFinding(check: string, { place, unreadable, isTaken, isInTable }: LineFacts): Finding {
  if (unreadable !== undefined) {
    const finding = `cannot read ${place} (${unreadable.reason}), so ami-track cannot check there whether a line arrived`
    return wrong(check, finding, unreadable.remedy ?? '')
  }
  if (isTaken === undefined)
    return ok(check, `ami-track can read ${place}; doctor did not test whether lines arrive there`)
  const finding = `Asterisk accepted the test line, but it did not appear in ${place} within ${LINE_MS / 1000} s`
  return wrong(
    check,
    finding,
    isInTable ? 'Asterisk finds it in its own table: give that table with --queuelog-tail' : TABLE_REMEDY,
  )
}

function refused(check: string, refusal: string, isDenied: boolean): Finding {
  if (isDenied) return note(check, 'doctor cannot test whether lines are written: Asterisk refuses QueueLog')
  return wrong(check, `Asterisk did not accept the test line: ${refusal}`, 'check the log of Asterisk')
}

function notInFile(check: string, path: string, configuration: Configuration | undefined): Finding {
  const finding = `Asterisk accepted the test line, but it did not appear in ${path} within ${LINE_MS / 1000} s`
  const own = configuration === undefined ? '' : ` (by its configuration: ${fileOf(configuration)})`
  return wrong(
    check,
    finding,
    `if Asterisk writes another file${own}, give that file with --queuelog-tail. If not, Asterisk has lost the file (moved ` +
      "away without telling Asterisk: asterisk -rx 'logger rotate') or the disk is full",
  )
}

function realtimeFinding({ tail }: Purpose, { configuration, line }: ServerFacts): Finding {
  const check = 'realtime queue_log'
  if (configuration === undefined) return note(check, 'unknown: Asterisk does not show extconfig.conf')
  const { realtime } = configuration
  const isTable = tail?.kind === 'table'
  if (realtime === '') {
    if (!isTable) return ok(check, 'extconfig.conf gives no database for queue_log')
    return wrong(
      check,
      `extconfig.conf gives no database for queue_log, so ami-track cannot check lines in ${tail.name}`,
      'give the file that Asterisk writes with --queuelog-tail',
    )
  }
  const finding = `extconfig.conf sends queue_log to a database (${realtime})`
  if (isTable) {
    if (line.isInTail === true) return ok(check, `${finding}, and --queuelog-tail names its table`)
    return note(check, `${finding}; it is unknown whether that is ${tail.name}`)
  }
  const both =
    `give its table with --queuelog-tail mysql://… or postgres://…, or let Asterisk also write the file: queue_log_to_file = yes ` +
    `in [general] of logger.conf, then ${RELOAD}`
  const isLostInFile = line.isInTail === false && line.unreadable === undefined
  if (isToFile(configuration) && !isLostInFile && line.isInTable === false) {
    return wrong(check, `${finding}, but the test line that Asterisk accepted is not in its table`, TABLE_REMEDY)
  }
  if (line.isInTail === true) return note(check, `${finding}, and Asterisk also writes the file`)
  if (isToFile(configuration)) return note(check, `${finding}, and by logger.conf Asterisk also writes the file`)
  if (tail !== undefined && line.isInTable === true) {
    return wrong(check, `${finding} and not to a file, so ami-track cannot check lines in ${tail.name}`, both)
  }
  return note(check, `${finding} and not to a file: reports must read it there`, both)
}

function isOff({ queueLog }: Configuration): boolean {
  return queueLog !== '' && !isTrue(queueLog)
}

function isToFile({ queueLogToFile }: Configuration): boolean {
  return isTrue(queueLogToFile)
}
