import type { Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** A file, whatever its name is by now: `DEVICE:INODE`. */
export function inodeOf({ dev, ino }: Pick<Stats, 'dev' | 'ino'>): string {
  return `${dev}:${ino}`
}

/** What has the name of a rotated file: inodes, by their paths. Two looks that are the same saw all files between them. */
export async function rotatedInodes(path: string): Promise<Map<string, string>> {
  const folder = dirname(path)
  const name = basename(path)
  const names = await readdir(folder).catch(() => [])
  const inodes = new Map<string, string>()
  for (const other of names.filter((one) => one.startsWith(`${name}.`) || one.startsWith(`${name}-`)).sort()) {
    const file = join(folder, other)
    const stats = await stat(file).catch(() => undefined)
    inodes.set(file, stats === undefined ? '' : inodeOf(stats))
  }
  return inodes
}

export function areSame(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([file, inode]) => other.get(file) === inode)
}
