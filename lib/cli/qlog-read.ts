import { pipeline } from 'node:stream/promises'
import { checkFile, problemOf } from '../files/check-file.ts'
import { FILES } from '../files/uses.ts'
import { flag, type OptionValues, UsageError } from '../options/kinds.ts'
import { CAUGHT_UP, FollowedLog } from '../queue-log/followed-log.ts'
import { type CutLine, LineCutter, readCutLine } from '../queue-log/line.ts'
import { recordOfLine, recordOfMalformed } from '../records/origin.ts'
import { LineWriter } from '../text/line-writer.ts'
import type { ErrorLog } from '../text/log.ts'
import { endSignal } from './end-signal.ts'
import { Input, wasInterrupted } from './input.ts'
import { strictOption, tellOrFail } from './program.ts'
import { showProgress } from './progress.ts'

export const qlogReadOptions = { follow: flag(), ...strictOption }

/** Of so many lines the records are put together and written at once. */
const LINES_AT_ONCE = 500

/**
 * `qlog-read [FILE…] [--follow]`: a queue_log as records, each with the place of its line.
 *
 * @throws UsageError if nothing can be followed
 * @throws Failure if a file cannot be read, or is damaged
 */
export async function readQueueLog(
  { follow, strict }: OptionValues<typeof qlogReadOptions>,
  paths: readonly string[],
  errors: ErrorLog,
): Promise<void> {
  const inputs = paths.length === 0 ? ['-'] : [...paths]
  const followed = follow ? (inputs.pop() ?? '-') : undefined
  if (followed === '-') throw new UsageError('--follow needs a FILE: qlog-read always reads stdin to its end')
  if (followed !== undefined) checkFile(followed, FILES.followedQueueLog)
  const records = new Records(tellOrFail(errors, strict))
  const read = inputs.map((path) => new Input(path, showProgress))
  const end = followed === undefined ? undefined : endSignal()
  async function* all(): AsyncGenerator<Buffer> {
    for (const input of read) {
      if (wasInterrupted()) return
      const cutter = new LineCutter()
      for await (const chunk of input) yield* records.of(cutter.feed(chunk), input.name)
      yield* records.of(cutter.end(), input.name)
    }
    if (followed === undefined || end === undefined || wasInterrupted() || end.aborted) return
    const onProblem = (text: string): void => errors.tell('follow', text)
    try {
      for await (const chunk of new FollowedLog(followed, { follow: true, signal: end, onProblem })) {
        if (chunk !== CAUGHT_UP) yield* records.of(chunk.lines, followed)
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).syscall === undefined) throw error
      throw problemOf(error, followed, FILES.followedQueueLog)
    }
  }
  await pipeline(all, process.stdout)
  for (const input of read) input.assertWhole()
}

/** Makes NDJSON of lines. */
class Records {
  private readonly tell: (kind: string, text: string) => void
  private readonly out = new LineWriter()

  constructor(tell: (kind: string, text: string) => void) {
    this.tell = tell
  }

  *of(lines: readonly CutLine[], file: string): Generator<Buffer> {
    for (let at = 0; at < lines.length; at += LINES_AT_ONCE) {
      for (const line of lines.slice(at, at + LINES_AT_ONCE)) this.out.addLine(this.recordOf(line, file))
      yield this.out.take()
    }
  }

  private recordOf(line: CutLine, file: string): string {
    const read = readCutLine(line, file)
    if (typeof read !== 'string') return recordOfLine(read.fields, read.origin)
    const { bytes, byte } = line
    this.tell('malformed line', `${file}, byte ${byte}: ${read}`)
    return recordOfMalformed(read, { position: { file, byte }, bytes: bytes.toString('latin1') })
  }
}
