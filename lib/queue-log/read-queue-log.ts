import { access, constants } from 'node:fs/promises'
import { aFlag, aFunction, aName, checkOptions, checkValue, type Expected } from '../text/expected.ts'
import { CAUGHT_UP, FollowedLog } from './followed-log.ts'
import { readCutLine } from './line.ts'
import { QueueLogRecord } from './record.ts'

/** Options of {@link readQueueLog}. */
export interface ReadQueueLogOptions {
  /**
   * Whether one waits for more at the end of the file, also where it is rotated; else the end of the file is the end.
   *
   * @defaultValue false
   */
  follow?: boolean | undefined
  /**
   * Whether one begins at the end of the file: with `follow`, only what is written from now on is read.
   *
   * @defaultValue false
   */
  atEnd?: boolean | undefined
  /** Ends the reading. */
  signal?: AbortSignal | undefined
  /** Told of each line that is none of a queue_log, and where lines may be missing: one line for a person. */
  onProblem?: ((text: string) => void) | undefined
}

const aSignal: Expected = { what: 'an AbortSignal', fits: (value) => value instanceof AbortSignal }

/**
 * Reads the lines of a queue_log, each with the place at which it stands (`origin.position`). What is no line is left out.
 *
 * @throws TypeError at once for an option that does not exist, or a value of a wrong kind
 * @throws Error (of node:fs, when it is read) if the file cannot be read
 */
export function readQueueLog(path: string, options: ReadQueueLogOptions = {}): AsyncGenerator<QueueLogRecord> {
  checkValue('readQueueLog', 'path', path, aName)
  checkOptions('readQueueLog', options, { follow: aFlag, atEnd: aFlag, signal: aSignal, onProblem: aFunction })
  return recordsOf(path, options)
}

async function* recordsOf(
  path: string,
  { follow = false, atEnd = false, signal, onProblem = () => {} }: ReadQueueLogOptions,
): AsyncGenerator<QueueLogRecord> {
  // One who stops reading ends the watch of the file as well.
  const stopped = new AbortController()
  const ended = signal === undefined ? stopped.signal : AbortSignal.any([signal, stopped.signal])
  if (!follow) await access(path, constants.R_OK)
  try {
    for await (const chunk of new FollowedLog(path, { follow, atEnd, signal: ended, onProblem })) {
      if (chunk === CAUGHT_UP) continue
      for (const line of chunk.lines) {
        const read = readCutLine(line, chunk.path)
        if (typeof read === 'string') onProblem(`${chunk.path}, byte ${line.byte}: ${read}`)
        else yield new QueueLogRecord(read.fields, undefined, undefined, read.origin)
      }
    }
  } finally {
    stopped.abort()
  }
}
