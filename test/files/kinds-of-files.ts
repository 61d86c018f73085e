import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'

/** What a name can lead to. Devices need root to be made: elsewhere the machine's own are named. */
export const KINDS = [
  'a file with content',
  'an empty file',
  'a folder',
  'a pipe',
  'a socket',
  'the device null',
  'the device full',
  'a link to nothing',
  'a link in a circle',
  'a link to a file',
  'a file without permission',
  'a folder that is missing',
  'a file and a slash',
] as const

export type KindOfFile = (typeof KINDS)[number]
/** One who owns what is there. */
const SOMEBODY = 1

const isRoot = process.getuid?.() === 0

/**
 * Makes what a program is then given.
 *
 * @param folder an empty one
 * @param content of a file that has some
 * @returns its path
 */
export async function make(kind: KindOfFile, folder: string, content: string): Promise<string> {
  const path = join(folder, 'named')
  switch (kind) {
    case 'a file with content':
    case 'a file and a slash':
      ofSomebody(path, content)
      return kind === 'a file and a slash' ? `${path}/` : path
    case 'an empty file':
      ofSomebody(path, '')
      return path
    case 'a folder':
      mkdirSync(path)
      ofSomebody(join(path, 'journal'), 'dear diary\n')
      return path
    case 'a pipe':
      execFileSync('mkfifo', [path])
      return path
    case 'a socket':
      await leaveSocket(path)
      return path
    case 'the device null':
      return device(path, 'null', '3')
    case 'the device full':
      return device(path, 'full', '7')
    case 'a link to nothing':
      symlinkSync(join(folder, 'nothing'), path)
      return path
    case 'a link in a circle':
      symlinkSync(path, path)
      return path
    case 'a link to a file':
      ofSomebody(join(folder, 'file'), content)
      symlinkSync('file', path)
      return path
    case 'a file without permission':
      writeFileSync(path, content, { mode: 0 })
      return path
    case 'a folder that is missing':
      return join(path, 'missing', 'file')
  }
}

/** With a mode that no program of ours would give it. */
function ofSomebody(path: string, content: string): void {
  writeFileSync(path, content, { mode: 0o646 })
  if (isRoot) chownSync(path, SOMEBODY, SOMEBODY)
}

/** The socket of a process that was killed: a name to which nobody listens. */
async function leaveSocket(path: string): Promise<void> {
  const listen = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`
  await once(spawn(process.execPath, ['-e', listen, path]), 'close')
}

function device(path: string, name: string, minor: string): string {
  if (!isRoot) return `/dev/${name}`
  execFileSync('mknod', ['-m', '666', path, 'c', '1', minor])
  return path
}

/** All that is in a folder, by their names: what it is, whose, and what is in it. */
export function contentsOf(folder: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of readdirSync(folder, { recursive: true }).map(String).sort()) {
    const path = join(folder, name)
    const status = lstatSync(path)
    const { mode, uid, gid, ino, nlink } = status
    const content = status.isFile() ? readFileSync(path, 'latin1') : status.isSymbolicLink() ? readlinkSync(path) : ''
    found[name] = `${mode.toString(8)} ${uid}:${gid} ${ino} ${nlink} ${content}`
  }
  return found
}
