import { pino } from 'pino'
import { prettyFactory } from 'pino-pretty'
import sonicBoom, { type SonicBoom } from 'sonic-boom'
import type { Log } from '../log.ts'
import { Failure } from './exit.ts'
import type { LogLevel } from './log-levels.ts'

/** A log in use. */
export interface OpenLog extends Log {
  /** Goes on in the file that has the name then. */
  reopen(): void
  end(): Promise<void>
}

/** What waits for a reader of stderr that does not read, at most: bytes. Beyond it, lines are dropped. */
const MAX_WAITING_BYTES = 1024 * 1024

/**
 * Opens the log of a program: a file, or stderr. On a terminal it is for the eye, anywhere else JSON, a line each.
 *
 * @throws Failure if the file cannot be opened
 */
export async function openLog(program: string, level: LogLevel, file: string | undefined): Promise<OpenLog> {
  const target = file === undefined ? stderrTarget() : await fileTarget(file)
  const options = {
    name: program,
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
  reopen(): void
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
    reopen: () => {},
    end: async () => {},
  }
}

async function fileTarget(path: string): Promise<Target> {
  const file = await openAppendFile(path, MAX_WAITING_BYTES)
  file.on('error', (error) => process.stderr.write(`the log ${path} cannot be written: ${error.message}\n`))
  return {
    write: (line) => void file.write(line),
    reopen: () => file.reopen(),
    end: () => ended(file),
  }
}

/**
 * Opens a file to which is appended without anybody waiting for the disk.
 *
 * @param maxWaitingBytes what waits for the disk, at most; beyond that it emits `drop`
 * @throws Failure if it cannot be opened
 */
export function openAppendFile(
  path: string,
  maxWaitingBytes: number,
  contentMode: 'utf8' | 'buffer' = 'utf8',
): Promise<SonicBoom> {
  return new Promise((resolve, reject) => {
    const maxLength = maxWaitingBytes
    const file = new sonicBoom.SonicBoom({ dest: path, append: true, sync: false, maxLength, mode: 0o640, contentMode })
    const failed = (error: Error): void => reject(new Failure(`${path} cannot be opened: ${error.message}`))
    file.once('error', failed)
    file.once('ready', () => {
      file.off('error', failed)
      resolve(file)
    })
  })
}

/** Writes what waits, and closes the file. */
export function ended(file: SonicBoom): Promise<void> {
  return new Promise((resolve) => {
    file.once('close', resolve)
    file.once('error', () => resolve())
    file.end()
  })
}
