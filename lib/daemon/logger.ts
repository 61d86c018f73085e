import { setTimeout as sleep } from 'node:timers/promises'
import { type Logger, pino } from 'pino'
import { prettyFactory } from 'pino-pretty'
import { FILES } from '../files/uses.ts'
import { tellOnStderr } from '../text/bottom-row.ts'
import { goesToJournal, journalLine } from '../text/journal.ts'
import type { Log } from '../text/log.ts'
import type { LogLevel } from '../text/log-levels.ts'
import { AppendFile } from './append-file.ts'

/** A log in use. */
export interface OpenLog extends Log {
  /** Why the program ends: told on stderr also where nothing is logged. */
  fatal(text: string): void
  /** The same for what is told of one PBX of many: each line says of which. */
  ofPbx(name: string): Log
  /** Goes on in the file that has the name then. */
  reopen(): Promise<void>
  end(): Promise<void>
}

/** What waits for the disk or a reader of stderr, at most: bytes. Beyond it, lines are lost. */
const MAX_WAITING_BYTES = 1024 * 1024
/** How long a reader of stderr may take for the last lines, in ms. */
const FLUSH_MS = 100

/**
 * Opens the log of a program: a file, or stderr. A file has JSON, a line each; errors go to stderr as well, for who
 * started the program. On stderr the log is for the eye if that is a terminal, and JSON anywhere but in systemd's journal,
 * which has fields of its own for all but the text and its priority.
 *
 * @throws FileProblem if the file cannot be opened
 */
export async function openLog(program: string, level: LogLevel, file: string | undefined): Promise<OpenLog> {
  const target = file === undefined ? stderrTarget() : await fileTarget(program, file)
  const options = {
    level,
    base: { name: program, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const logger = pino(options, target)
  const isBeside = file !== undefined && logger.isLevelEnabled('error')
  const log = logOn(logger, (text) => isBeside && tellBeside(program, text))
  return {
    ...log,
    fatal: (text) => (logger.isLevelEnabled('error') ? log.error(text) : tellBeside(program, text)),
    ofPbx: (name) => logOn(logger.child({ pbx: name }), (text) => isBeside && tellBeside(program, `${name}: ${text}`)),
    reopen: () => target.reopen(),
    end: async () => {
      await Promise.all([target.end(), stderrWritten()])
    },
  }
}

/** @param beside told of errors as well */
function logOn(logger: Logger, beside: (text: string) => void): Log {
  return {
    debug: (text) => logger.debug(text),
    info: (text) => logger.info(text),
    warn: (text) => logger.warn(text),
    error: (text) => {
      logger.error(text)
      beside(text)
    },
  }
}

/** Tells an error on stderr that does not stand there as a line of the log. */
function tellBeside(program: string, text: string): void {
  if (process.stderr.writableLength <= MAX_WAITING_BYTES) tellOnStderr(`${program}: ${text}`, 'error')
}

interface Target {
  write(line: string): void
  reopen(): Promise<void>
  end(): Promise<void>
}

function stderrTarget(): Target {
  const { stderr } = process
  const show = formOnStderr()
  return {
    write: (line) => {
      // A write to a pipe that nobody reads does not block, but it is kept.
      if (stderr.writableLength > MAX_WAITING_BYTES) return
      stderr.write(show(line))
    },
    reopen: async () => {},
    end: async () => {},
  }
}

/** How a line of JSON is shown there. */
function formOnStderr(): (line: string) => string {
  if (goesToJournal()) {
    return (line) => {
      const { level, msg, pbx } = JSON.parse(line)
      return `${journalLine(level, pbx === undefined ? msg : `${pbx}: ${msg}`)}\n`
    }
  }
  if (!process.stderr.isTTY) return (line) => line
  const show = prettyFactory({
    colorize: !process.env.NO_COLOR,
    translateTime: 'SYS:standard',
    ignore: 'pid,name,pbx',
    messageFormat: '{if pbx}{pbx}: {end}{msg}',
  })
  return (line) => show(line) ?? ''
}

/** A process that exits drops what a pipe has not taken yet. */
async function stderrWritten(): Promise<void> {
  const written = new Promise<void>((resolve) => process.stderr.write('', () => resolve()))
  await Promise.race([written, sleep(FLUSH_MS, undefined, { ref: false })])
}

function fileTarget(program: string, path: string): Promise<Target> {
  const onLoss = (reason: string): void => {
    tellOnStderr(`${program}: cannot write the log ${path}: ${reason}`)
  }
  return AppendFile.open(path, {
    use: FILES.log,
    maxWaitingBytes: MAX_WAITING_BYTES,
    onLoss,
  })
}
