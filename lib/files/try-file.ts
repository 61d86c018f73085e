import { randomBytes } from 'node:crypto'
import { closeSync, constants, mkdirSync, openSync, rmdirSync, statSync, unlinkSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { checkFile, filesOf, problemOf } from './check-file.ts'
import type { FileUse, FileWay } from './file-use.ts'

/** How a file that is there is opened, without a byte of it being changed. */
const FLAGS: Readonly<Record<Exclude<FileWay, 'folder' | 'listen' | 'connect'>, number>> = {
  read: constants.O_RDONLY,
  stream: constants.O_RDONLY,
  'look up': constants.O_RDONLY,
  append: constants.O_WRONLY | constants.O_APPEND,
  begin: constants.O_RDWR,
  overwrite: constants.O_RDWR,
  lock: constants.O_RDWR,
}

/**
 * Opens a file as a program with this user would, and leaves nothing behind: what is there is not changed, and what has to
 * be made for that is removed.
 *
 * @throws FileProblem if it cannot be used
 */
export function tryFile(path: string, use: FileUse): void {
  checkFile(path, use)
  try {
    const status = statSync(path, { throwIfNoEntry: false })
    const { way } = use
    if (way === 'folder') {
      if (status === undefined) tryFolder(resolve(path))
      else tryIn(path)
      for (const file of filesOf(path, use)) tryExisting(file, constants.O_RDWR)
    } else if (way === 'listen') tryIn(dirname(path))
    else if (way === 'connect') return
    else if (status === undefined) {
      if (way !== 'look up') tryIn(dirname(path))
    } else {
      tryExisting(path, FLAGS[way])
      if (way === 'begin' && status.isFile() && status.size > 0) tryIn(dirname(path))
    }
  } catch (error) {
    throw problemOf(error, path, use)
  }
}

function tryExisting(path: string, flags: number): void {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) return
  closeSync(openSync(path, flags | constants.O_NONBLOCK | constants.O_NOCTTY))
}

/** Makes a file in a folder, under a name that nobody uses. */
function tryIn(folder: string): void {
  const path = join(folder, `.ami-track-${randomBytes(6).toString('hex')}`)
  closeSync(openSync(path, 'wx', 0o600))
  unlinkSync(path)
}

/** Makes a folder with all above it that are missing, and removes those again. */
function tryFolder(path: string): void {
  const first = mkdirSync(path, { recursive: true, mode: 0o700 })
  if (first === undefined) return
  for (let made = path; made.length >= first.length; made = dirname(made)) rmdirSync(made)
}
