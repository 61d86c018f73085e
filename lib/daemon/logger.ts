import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
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
  const error = (text: string): void => {
    logger.error(text)
    if (file !== undefined && logger.isLevelEnabled('error')) tellBeside(program, text)
  }
  return {
    debug: (text) => logger.debug(text),
    info: (text) => logger.info(text),
    warn: (text) => logger.warn(text),
    error,
    fatal: (text) => (logger.isLevelEnabled('error') ? error(text) : tellBeside(program, text)),
    reopen: () => target.reopen(),
    end: async () => {
      await Promise.all([target.end(), stderrWritten()])
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
      const { level, msg } = JSON.parse(line)
      return `${journalLine(level, msg)}\n`
    }
  }
  if (!process.stderr.isTTY) return (line) => line
  const show = prettyFactory({ colorize: !process.env.NO_COLOR, translateTime: 'SYS:standard', ignore: 'pid,name' })
  return (line) => show(line) ?? ''
}

/** A process that exits drops what a pipe has not taken yet. */
async function stderrWritten(): Promise<void> {
  const written = new Promise<void>((resolve) => process.stderr.write('', () => resolve()))
  await Promise.race([written, sleep(FLUSH_MS, undefined, { ref: false })])
}

function fileTarget(program: string, path: string): Promise<Target> {
  const onLoss = (reason: string): void => {
    tellOnStderr(`${program}: the log ${path} cannot be written: ${reason}`)
  }
  return AppendFile.open(path, {
    use: FILES.log,
    maxWaitingBytes: MAX_WAITING_BYTES,
    onLoss,
  })
}
