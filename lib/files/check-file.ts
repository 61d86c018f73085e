import {
  accessSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { FileProblem, type FileProblemOptions, UnfitFile } from './file-problem.ts'
import { type FileUse, type FileWay, isOnlyRead } from './file-use.ts'

/** As long as the longest beginning of a file of ours, and more: bytes. */
const BEGINNING_BYTES = 256

/** So long is the path of a socket at most: sun_path of sockaddr_un is 108 bytes with the 0 at its end (unix(7)). */
const MAX_SOCKET_BYTES = 107

/** What the shell has opened already: `/dev/stdout`, and the `/dev/fd/63` of a `<(command)`. */
const OWN_DESCRIPTOR = /^\/(dev\/(stdin|stdout|stderr|fd\/\d+)|proc\/self\/fd\/\d+)$/

/** Ways in which a name is used, and not only what is open under it. */
const NO_DESCRIPTOR: ReadonlySet<FileWay> = new Set(['lock', 'folder', 'look up', 'listen', 'connect'])

/** `/dev/null`, in which there is nothing. */
const NULL = deviceNumber(1, 3)
/** Devices that take whatever is written, and lose it: the other one is `/dev/full`, which says so. */
const SINKS: ReadonlySet<number> = new Set([NULL, deviceNumber(1, 7)])

/** Terminals, virtual consoles and serial lines among them. */
const TERMINALS: ReadonlySet<number> = new Set([4, 5, 136, 137, 138, 139, 140, 141, 142, 143])

/**
 * The one rule for all files that are named to a program: what ami-track has not made is not renamed, overwritten or
 * removed, and of what is no file at all only that is used which takes no harm. Looks, and changes nothing.
 *
 * @param options how messages say it
 * @throws FileProblem if the file is not fit for its use
 */
export function checkFile(path: string, use: FileUse, options: FileProblemOptions = {}): void {
  try {
    check(path, use)
  } catch (error) {
    throw problemOf(error, path, use, options)
  }
}

/** What a person is told of a file that failed its use. */
export function problemOf(error: unknown, path: string, use: FileUse, options: FileProblemOptions = {}): FileProblem {
  const { what, inService } = use
  const isRead = isOnlyRead(use)
  const told = { isRead, ...(isRead ? { cannotBe: 'read' } : {}), ...(inService ? { inService } : {}) }
  return new FileProblem(error, path, what, { ...told, ...options })
}

function check(path: string, use: FileUse): void {
  const { way } = use
  if (way === 'listen' && Buffer.byteLength(path) > MAX_SOCKET_BYTES) {
    throw new UnfitFile(`the path of a socket can have at most ${MAX_SOCKET_BYTES} bytes`)
  }
  if (OWN_DESCRIPTOR.test(path) && !NO_DESCRIPTOR.has(way)) {
    if (statSync(path).isDirectory()) throw new UnfitFile('it is a folder')
    return
  }
  const status = statusOf(path)
  if (status === undefined) checkMissing(path, use)
  else if (way === 'folder') checkFolder(path, use, status)
  else checkExisting(path, use, status)
}

/** What the name leads to; undefined if nothing has it. */
function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new UnfitFile(`it is a link to ${readlinkSync(path)}, and that does not exist`)
    }
    return undefined
  }
}

function checkMissing(path: string, { way }: FileUse): void {
  if (way === 'read' || way === 'stream') throw Object.assign(new Error('none'), { code: 'ENOENT' })
  if (way === 'folder') {
    let parent = dirname(path)
    while (statusOf(parent) === undefined) parent = dirname(parent)
    if (!statSync(parent).isDirectory()) throw new UnfitFile(`${parent} is not a folder`)
    accessSync(parent, constants.W_OK | constants.X_OK)
    return
  }
  if (path.endsWith('/')) throw new UnfitFile('a name that ends in / is that of a folder')
  const parent = dirname(path)
  if (statusOf(parent) === undefined) throw new UnfitFile(`there is no folder ${parent}`)
  if (way !== 'look up' && way !== 'connect') accessSync(parent, constants.W_OK | constants.X_OK)
}

function checkFolder(path: string, use: FileUse, status: Stats): void {
  if (!status.isDirectory()) throw new UnfitFile('it is not a folder')
  const [journal, lock] = filesOf(path, use)
  const isForeign = lstatSync(journal, { throwIfNoEntry: false }) !== undefined && !isOwnOrEmpty(journal, use)
  // A journal that the disk has damaged lies beside the lock of whoever wrote it.
  if (isForeign && lstatSync(lock, { throwIfNoEntry: false }) === undefined) {
    throw new UnfitFile(`somebody else made ${journal}${MOVE_IT}`)
  }
  accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK)
}

function checkExisting(path: string, use: FileUse, status: Stats): void {
  const { way } = use
  const reason = unfitKind(status, use)
  if (reason !== undefined) throw new UnfitFile(reason)
  if (way === 'listen') accessSync(dirname(path), constants.W_OK | constants.X_OK)
  else if (way === 'connect') accessSync(path, constants.R_OK | constants.W_OK)
  else if (way === 'read' || way === 'stream' || way === 'look up') accessSync(path, constants.R_OK)
  else if (way === 'append') accessSync(path, constants.W_OK)
  else if (status.isFile()) checkOwn(path, use)
}

/** Why nothing of this kind is fit; undefined if it is. */
function unfitKind(status: Stats, { way }: FileUse): string | undefined {
  if (way === 'listen' || way === 'connect') {
    if (status.isSocket()) return undefined
    return way === 'listen' ? `somebody else made it${MOVE_IT}` : 'it is not a socket'
  }
  if (status.isFile()) return undefined
  if (status.isDirectory()) return 'it is a folder'
  if (status.isSocket()) return 'it is a socket'
  if (status.isFIFO()) {
    if (way === 'stream') return undefined
    return isOnlyRead({ what: '', way })
      ? 'it is a pipe, not a file'
      : 'it is a pipe: use - or /dev/stdout, and send stdout into the pipe'
  }
  const takesAll = SINKS.has(status.rdev) || TERMINALS.has(majorOf(status.rdev))
  if (status.isCharacterDevice() && status.rdev === NULL && way === 'stream') return undefined
  const isWritten = way === 'append' || way === 'begin' || way === 'overwrite'
  return status.isCharacterDevice() && takesAll && isWritten ? undefined : 'it is a device'
}

/** @throws UnfitFile if somebody else has made what would be overwritten, or renamed */
function checkOwn(path: string, use: FileUse): void {
  accessSync(path, constants.W_OK)
  if (!isOwnOrEmpty(path, use)) throw new UnfitFile(`somebody else made it${MOVE_IT}`)
  if (use.way !== 'begin') return
  accessSync(dirname(path), constants.W_OK | constants.X_OK)
  const [, old] = filesOf(path, use)
  const kept = lstatSync(old, { throwIfNoEntry: false })
  if (kept === undefined || (kept.isFile() && isOwnOrEmpty(old, use))) return
  throw new UnfitFile(`the old file would replace ${old}, but somebody else made that${MOVE_IT}`)
}

/** What to do about a file that would be lost. */
export const MOVE_IT = '. ami-track does not change it. Move it away, or name another file'

/** The same of a file that is there, by its name. */
export function isOwnOrEmpty(path: string, use: FileUse): boolean {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    return isOwnOrEmptyFile(descriptor, use)
  } finally {
    closeSync(descriptor)
  }
}

/** Whether a file that is open for reading is one that we have made, or has nothing in it that could be lost. */
export function isOwnOrEmptyFile(descriptor: number, { ownBeginning }: FileUse): boolean {
  const status = fstatSync(descriptor)
  if (!status.isFile()) return false
  if (status.size === 0) return true
  const bytes = Buffer.alloc(BEGINNING_BYTES)
  const read = readSync(descriptor, bytes, 0, bytes.length, 0)
  return ownBeginning?.test(bytes.toString('latin1', 0, read)) ?? false
}

/** The files that a name stands for, of which none may be another one's. */
export function filesOf(path: string, { way }: FileUse): [first: string, second: string] {
  if (way === 'folder') return [join(path, 'journal'), join(path, 'lock')]
  return [path, way === 'begin' ? `${path}.old` : path]
}

/** As the kernel puts the two parts of a device number together (makedev(3)), small ones. */
function deviceNumber(major: number, minor: number): number {
  return major * 256 + minor
}

function majorOf(device: number): number {
  return Math.floor(device / 256) % 4096
}
