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
  'look into the log of Asterisk for what the database says, and whether the table has the columns time, callid, ' +
  'queuename, agent, event, data1 to data5 (and that func_realtime.so is loaded, by which it was looked for)'

/** Whether lines get to where reporting reads them. */
export function queueLogFindings(purpose: Purpose, facts: ServerFacts): Finding[] {
  if (!purpose.sink.stampsTimes) return ownFileFindings(purpose.sink, facts)
  return [queueLogFinding(purpose, facts), realtimeFinding(purpose, facts)]
}

function ownFileFindings({ ownFile }: SinkKind, { unwritable }: ServerFacts): Finding[] {
  const check = 'queuelog file'
  if (ownFile === undefined) return [ok(check, 'lines go to stdout')]
  if (unwritable === undefined) return [ok(check, `lines can be appended to ${ownFile}`)]
  const remedy = 'let the user that runs ami-track write there, or name another file with --queuelog'
  return [wrong(check, `${ownFile} cannot be written: ${unwritable}`, remedy)]
}

function queueLogFinding({ tail }: Purpose, { answers, configuration, line }: ServerFacts): Finding {
  const check = 'queue_log'
  const { place, unreadable, isTaken, isInTail, isInTable, refusal = '' } = line
  if (isInTail === true) return ok(check, `a line that was sent to Asterisk is in ${place}`)
  if (configuration !== undefined && isOff(configuration)) {
    return wrong(
      check,
      'logger.conf says queue_log = no: Asterisk writes none, and takes every line all the same',
      `queue_log = yes in [general] of logger.conf, then ${RELOAD}`,
    )
  }
  if (isTaken === false) return refused(check, refusal, answers.get(QUEUE_LOG_ACTION.name) === 'denied')
  if (tail?.kind === 'table') return namedTableFinding(check, line)
  const isFileWritten = configuration === undefined || configuration.realtime === '' || isToFile(configuration)
  if (!isFileWritten && isInTable === true) return ok(check, 'a line that was sent to Asterisk is in its table')
  if (!isFileWritten && isInTable === false) {
    return wrong(
      check,
      `Asterisk took a line, but it is not in the table to which extconfig.conf sends queue_log (${configuration.realtime})`,
      TABLE_REMEDY,
    )
  }
  if (tail !== undefined && unreadable?.reason === MISSING && isTaken === undefined) {
    return note(check, `${place} is not there: an Asterisk that is fresh may make it with its first line (13 does)`)
  }
  if (tail !== undefined && unreadable !== undefined) {
    return wrong(
      check,
      `${place} cannot be read (${unreadable.reason}): it cannot be looked up there whether a line arrived`,
      'let the user that runs ami-track read it (the group asterisk), or name the right file with --queuelog-tail',
    )
  }
  if (isInTail === false && isFileWritten && unreadable === undefined) {
    return notInFile(check, place ?? '', configuration)
  }
  const enabled = configuration === undefined ? '' : 'logger.conf has it enabled; '
  if (isTaken === undefined) {
    const untried = `${enabled}whether lines are really written was not tried`
    return configuration === undefined ? note(check, untried) : ok(check, untried)
  }
  const why =
    place === undefined ? 'the file is on another machine' : `${place} cannot be read here (${unreadable?.reason})`
  return note(
    check,
    `${enabled}Asterisk took a line, but whether it wrote it cannot be told: ${why}`,
    'run this on the PBX as a user who may read queue_log, or name the file with --queuelog-tail',
  )
}

/** Of the table that is named with --queuelog-tail, and in which no line came up. */
function namedTableFinding(check: string, { place, unreadable, isTaken, isInTable }: LineFacts): Finding {
  if (unreadable !== undefined) {
    const finding = `${place} cannot be read (${unreadable.reason}): it cannot be looked up there whether a line arrived`
    return wrong(check, finding, unreadable.remedy ?? '')
  }
  if (isTaken === undefined) return ok(check, `${place} can be read; whether lines get there was not tried`)
  const finding = `Asterisk took a line, but within ${LINE_MS / 1000} s it was not in ${place}`
  return wrong(
    check,
    finding,
    isInTable ? 'Asterisk finds it in its own table: name that with --queuelog-tail' : TABLE_REMEDY,
  )
}

function refused(check: string, refusal: string, isDenied: boolean): Finding {
  if (isDenied) return note(check, 'whether lines are written cannot be tried: QueueLog is refused')
  return wrong(check, `Asterisk did not take a line: ${refusal}`, 'look into the log of Asterisk')
}

function notInFile(check: string, path: string, configuration: Configuration | undefined): Finding {
  const finding = `Asterisk took a line, but within ${LINE_MS / 1000} s it was not in ${path}`
  const own = configuration === undefined ? '' : `, which by its configuration is ${fileOf(configuration)}`
  return wrong(
    check,
    finding,
    `if this is not the file that Asterisk writes${own}, name that with --queuelog-tail. If it is, Asterisk has lost it (moved ` +
      "away without a word) or the disk is full: asterisk -rx 'logger rotate'",
  )
}

function realtimeFinding({ tail }: Purpose, { configuration, line }: ServerFacts): Finding {
  const check = 'realtime queue_log'
  if (configuration === undefined) return note(check, 'cannot be told: Asterisk does not say what is in extconfig.conf')
  const { realtime } = configuration
  const isTable = tail?.kind === 'table'
  if (realtime === '') {
    if (!isTable) return ok(check, 'extconfig.conf sends queue_log to no database')
    return wrong(
      check,
      `extconfig.conf sends queue_log to no database: nothing can be looked up in ${tail.name}`,
      'name the file that Asterisk writes with --queuelog-tail',
    )
  }
  const finding = `extconfig.conf sends queue_log to a database (${realtime})`
  if (isTable) {
    if (line.isInTail === true) return ok(check, `${finding}, and --queuelog-tail names its table`)
    return note(check, `${finding}; whether that is ${tail.name} is not known`)
  }
  const both =
    `name its table with --queuelog-tail mysql://… or postgres://…, or have the file written as well: queue_log_to_file = yes ` +
    `in [general] of logger.conf, then ${RELOAD}`
  const isLostInFile = line.isInTail === false && line.unreadable === undefined
  if (isToFile(configuration) && !isLostInFile && line.isInTable === false) {
    return wrong(check, `${finding}, but a line that Asterisk took is not in its table`, TABLE_REMEDY)
  }
  if (line.isInTail === true) return note(check, `${finding}, and the file is written`)
  if (isToFile(configuration)) return note(check, `${finding}, and logger.conf has the file written as well`)
  if (tail !== undefined && line.isInTable === true) {
    return wrong(check, `${finding}, and not to a file: nothing can be looked up in ${tail.name}`, both)
  }
  return note(check, `${finding}, and not to a file: reporting has to read it there`, both)
}

function isOff({ queueLog }: Configuration): boolean {
  return queueLog !== '' && !isTrue(queueLog)
}

function isToFile({ queueLogToFile }: Configuration): boolean {
  return isTrue(queueLogToFile)
}
