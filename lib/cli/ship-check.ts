import { type Finding, note, ok, wrong } from '../doctor/finding.ts'
import { fileOf, lookAt, openToRead, rotatedFiles } from '../queue-log/log-file.ts'
import { type Position, type Sink, StandBy } from '../ship/flow.ts'

/** A line is a row within a second: one that waits for longer than this, in s, is not shipped. */
const LATE_S = 60
/** The time of a line stands within so many bytes. */
const TIME_BYTES = 32

/** What is asked of a shipper. */
export interface Checked {
  readonly sink: Sink
  /** The file that is followed; undefined for a stream. */
  readonly path: string | undefined
  /** What starts it. */
  readonly start: string
  /** Seconds since the epoch. */
  readonly now: number
}

/** Tries both ends of a shipper, and tells where it is and how much is left; nothing is shipped, and nothing changed. */
export async function findingsOfShipping({ sink, path, start, now }: Checked): Promise<Finding[]> {
  const findings: Finding[] = []
  let position: Position | undefined
  let isShipped = false
  try {
    position = await sink.look()
    findings.push(ok('sink', `qlog-ship can write to ${sink.name}`))
  } catch (error) {
    const { message } = error as Error
    isShipped = error instanceof StandBy
    if (error instanceof StandBy) position = error.position
    findings.push(isShipped ? ok('sink', message) : wrong('sink', message, 'correct the settings, or start the server'))
  } finally {
    await sink.close()
  }
  const canBeFilled = findings.every(({ state }) => state === 'ok')
  if (position === undefined && canBeFilled) findings.push(note('position', 'no line is shipped yet', start))
  if (path !== undefined) findings.push(...(await findingsOfFile(path, position, { isShipped, start, now })))
  return findings
}

async function findingsOfFile(
  path: string,
  position: Position | undefined,
  { isShipped, start, now }: { isShipped: boolean; start: string; now: number },
): Promise<Finding[]> {
  const current = await lookAt(path).catch((error: Error) => error)
  if (current instanceof Error || current === undefined) {
    const why = current?.message ?? 'there is no such file'
    return [wrong('source', `${path} cannot be read: ${why}`, 'let the user of the shipper read it')]
  }
  const readable = ok('source', `${path} can be read, ${current.size} bytes`)
  if (position === undefined) return [readable]
  const place = { head: position.stream, inode: position.part, byte: position.place }
  const found = fileOf(place, [current, ...(await rotatedFiles(path))])
  if (found === undefined) {
    return [
      readable,
      wrong(
        'position',
        'the file with the last shipped line is gone. Lines may be missing; qlog-ship continues with the next file',
        'keep rotated files beside the queue_log until they are shipped',
      ),
    ]
  }
  const where = `shipped up to byte ${place.byte} of ${found.path}`
  if (found.isPacked) return [readable, note('position', `${where}, more files wait`, start)]
  const left = found.size - place.byte
  const age = left > 0 ? now - (await timeAt(found.path, place.byte)) : 0
  const since = age > LATE_S ? `, the first of them for ${Math.round(age)} s` : ''
  const finding = `${where}, ${left} bytes wait${since}`
  if (since === '') return [readable, ok('position', finding)]
  // One that is at work and does not come on is looked at; else it only has to be started.
  return [
    readable,
    isShipped
      ? wrong('position', finding, 'see the log of qlog-ship for the reason')
      : note('position', finding, start),
  ]
}

/** When the line at a byte of a file was written: seconds since the epoch. */
async function timeAt(path: string, byte: number): Promise<number> {
  const file = await openToRead(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(TIME_BYTES), 0, TIME_BYTES, byte)
    return Number.parseInt(buffer.toString('latin1', 0, bytesRead), 10) || 0
  } finally {
    await file.close()
  }
}
