import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { prettyFactory } from 'pino-pretty'
import type { Log } from '../text/log.ts'
import type { LogLevel } from '../text/log-levels.ts'
import { AppendFile } from './append-file.ts'

/** A log in use. */
export interface OpenLog extends Log {
  /** Goes on in the file that has the name then. */
  reopen(): Promise<void>
  end(): Promise<void>
}

/** What waits for the disk or a reader of stderr, at most: bytes. Beyond it, lines are lost. */
const MAX_WAITING_BYTES = 1024 * 1024
/** How long a reader of stderr may take for the last lines, in ms. */
const FLUSH_MS = 100

/**
 * Opens the log of a program: a file, or stderr. On a terminal it is for the eye, anywhere else JSON, a line each.
 *
 * @throws Failure if the file cannot be opened
 */
export async function openLog(program: string, level: LogLevel, file: string | undefined): Promise<OpenLog> {
  const target = file === undefined ? stderrTarget() : await fileTarget(file)
  const options = {
    level,
    base: { name: program, pid: process.pid },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  const logger = pino(options, target)
  return {
    debug: (text) => logger.debug(text),
    info: (text) => logger.info(text),
    warn: (text) => logger.warn(text),
    error: (text) => logger.error(text),
    reopen: () => target.reopen(),
    end: () => target.end(),
  }
}

interface Target {
  write(line: string): void
  reopen(): Promise<void>
  end(): Promise<void>
}

function stderrTarget(): Target {
  const { stderr } = process
  const show = stderr.isTTY
    ? prettyFactory({ colorize: !process.env.NO_COLOR, translateTime: 'SYS:standard', ignore: 'pid,name' })
    : undefined
  return {
    write: (line) => {
      // A write to a pipe that nobody reads does not block, but it is kept.
      if (stderr.writableLength > MAX_WAITING_BYTES) return
      stderr.write(show === undefined ? line : (show(line) ?? ''))
    },
    reopen: async () => {},
    // A process that exits drops what a pipe has not taken yet.
    end: () => Promise.race([written(stderr), sleep(FLUSH_MS, undefined, { ref: false })]),
  }
}

function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write('', () => resolve()))
}

function fileTarget(path: string): Promise<Target> {
  const onLoss = (reason: string): void => {
    process.stderr.write(`the log ${path} cannot be written: ${reason}\n`)
  }
  return AppendFile.open(path, { maxWaitingBytes: MAX_WAITING_BYTES, onLoss })
}
