import { createHash } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { GZIP_MAGIC_BYTES, gunzipped, isGzip } from '../files/gunzip.ts'
import { inodeOf, lookAtAll, type RotatedNames, rotatedNames } from './rotated-names.ts'

/** A first line is known by so many bytes at most. */
const HEAD_BYTES = 512
/** So much is unpacked to know what a packed file begins with. */
const PACKED_HEAD_BYTES = 64 * 1024
const LF = 0x0a

/**
 * What one file of a queue_log is, whatever its name is by now. The first line tells: it begins with a time, and stays as
 * long as the file does. A copy (copytruncate, gzip) is the same file by that; the inode then tells which one is meant.
 */
export interface FileIdentity {
  /** The time and the fingerprint of the first line: `1795373363-1f2e3d4c5b6a79880112233445566778`. */
  readonly head: string
  /** `DEVICE:INODE` */
  readonly inode: string
}

/** Where one goes on in a queue_log: behind the byte before this one. */
export interface FilePlace extends FileIdentity {
  readonly byte: number
}

/** A file that is or was a queue_log, as it was found in its folder. */
export interface LogFile {
  readonly path: string
  /** undefined while not even its first line is whole. */
  readonly head: string | undefined
  readonly inode: string
  readonly isPacked: boolean
  /** When it was written last: ms since the epoch. */
  readonly mtimeMs: number
  readonly size: number
}

/** The fingerprint of the beginning of a file; undefined while its first line is not whole. */
export function headOf(beginning: Buffer, isWhole = false): string | undefined {
  const end = beginning.subarray(0, HEAD_BYTES).indexOf(LF) + 1
  if (beginning.length === 0 || (end === 0 && beginning.length < HEAD_BYTES && !isWhole)) return undefined
  const line = beginning.subarray(0, end === 0 ? HEAD_BYTES : end)
  const [time = '0'] = /^\d{1,11}(?=[.|])/.exec(line.toString('latin1')) ?? []
  return `${time}-${createHash('sha256').update(line).digest('hex').slice(0, 32)}`
}

/** When the first line of a file was written: seconds since the epoch, 0 if it does not say. */
export function beginOf(head: string | undefined): number {
  return Number((head ?? '').replace(/-.*/, ''))
}

/** Opens a file that is read: a pipe would be waited for until somebody writes into it. */
export function openToRead(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NONBLOCK)
}

/** The head of a file that is open. */
export async function readHead(file: FileHandle, isWhole = false): Promise<string | undefined> {
  const beginning = Buffer.alloc(HEAD_BYTES)
  const { bytesRead } = await file.read(beginning, 0, HEAD_BYTES, 0)
  return headOf(beginning.subarray(0, bytesRead), isWhole)
}

/**
 * What stands in a file now; undefined if there is no such file.
 *
 * @throws Error if it cannot be read, or is no regular file
 */
export async function lookAt(path: string): Promise<LogFile | undefined> {
  let file: FileHandle
  try {
    file = await openToRead(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw new Error('it is not a regular file')
    const magic = Buffer.alloc(GZIP_MAGIC_BYTES)
    await file.read(magic, 0, GZIP_MAGIC_BYTES, 0)
    const isPacked = isGzip(magic)
    const head = isPacked ? await packedHead(path) : await readHead(file)
    return { path, head, inode: inodeOf(stats), isPacked, mtimeMs: stats.mtimeMs, size: stats.size }
  } finally {
    await file.close()
  }
}

async function packedHead(path: string): Promise<string | undefined> {
  const source = createReadStream(path, { end: PACKED_HEAD_BYTES - 1 })
  let beginning = Buffer.alloc(0)
  for await (const chunk of gunzipped(source, () => {})) {
    beginning = Buffer.concat([beginning, chunk])
    if (beginning.length >= HEAD_BYTES || beginning.includes(LF)) break
  }
  source.destroy()
  return headOf(beginning, true)
}

/**
 * The files into which a queue_log was rotated, the oldest first: `queue_log.1`, `queue_log-20261127.gz`, `queue_log.0`.
 *
 * @throws Error if their names never stay as they are
 */
export async function rotatedFiles(path: string): Promise<LogFile[]> {
  const names = (): Promise<RotatedNames> => rotatedNames(path).catch(() => new Map())
  const found = await lookAtAll(names, async (files) => {
    const looked: LogFile[] = []
    for (const [other, stats] of files) {
      const file = await lookAt(other).catch(() => undefined)
      if (file?.head !== undefined && file.inode === inodeOf(stats)) looked.push(file)
    }
    return looked
  })
  return found.sort((one, other) => beginOf(one.head) - beginOf(other.head) || one.mtimeMs - other.mtimeMs)
}

/** Of several files, the one that a place is in: itself, or else a copy of it that reaches so far. */
export function fileOf({ head, inode, byte }: FilePlace, files: readonly LogFile[]): LogFile | undefined {
  const same = files.filter((file) => file.head === head)
  const reaches = (file: LogFile): boolean => file.isPacked || file.size >= byte
  return (
    same.find((file) => file.inode === inode && reaches(file)) ??
    same.find((file) => !file.isPacked && reaches(file)) ??
    same.find(reaches)
  )
}

/**
 * The file that follows another one.
 *
 * @param held what was read to its end, and when it was written last
 * @param rotated the files of {@link rotatedFiles}
 * @param current what has the name of the log now
 */
export function fileBehind(
  held: FileIdentity & { mtimeMs: number },
  rotated: readonly LogFile[],
  current: LogFile | undefined,
): LogFile | undefined {
  const begin = beginOf(held.head)
  const later = rotated.find((file) => {
    // Not by the inode: that of a file that is gone has another one soon.
    if (file.head === held.head || file.head === current?.head) return false
    const fileBegin = beginOf(file.head)
    return fileBegin > begin || (fileBegin === begin && file.mtimeMs > held.mtimeMs)
  })
  return later ?? (current?.inode === held.inode && current.head === held.head ? undefined : current)
}
