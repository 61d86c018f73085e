import type { Stats } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** How often one looks anew where files are being renamed, and after how many ms: renaming takes no longer. */
const MAX_LOOKS = 500
const SETTLING_MS = 20

/** The files into which a queue_log was rotated, by their paths. */
export type RotatedNames = ReadonlyMap<string, Stats>

/** A file, whatever its name is by now: `DEVICE:INODE`. */
export function inodeOf({ dev, ino }: Pick<Stats, 'dev' | 'ino'>): string {
  return `${dev}:${ino}`
}

/**
 * What has the name of a rotated file now: queue_log.0 and queue_log.1795373363 of Asterisk, queue_log.1 and
 * queue_log-20261127 of logrotate.
 *
 * @throws Error if the folder cannot be read
 */
export async function rotatedNames(path: string): Promise<RotatedNames> {
  const folder = dirname(path)
  const name = basename(path)
  const found = new Map<string, Stats>()
  for (const other of (await readdir(folder)).sort()) {
    if (!other.startsWith(`${name}.`) && !other.startsWith(`${name}-`)) continue
    const file = join(folder, other)
    const stats = await stat(file).catch(() => undefined)
    if (stats !== undefined) found.set(file, stats)
  }
  return found
}

/**
 * Looks at rotated files. One that is renamed or packed meanwhile may be seen under neither name, and its lines would be
 * missed: so one looks until every name is that of the same file before and behind.
 *
 * @throws Error if the names never stay as they are
 */
export async function lookAtAll<T>(
  names: () => Promise<RotatedNames>,
  look: (files: RotatedNames) => Promise<T>,
): Promise<T> {
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const before = await names()
    const seen = await look(before)
    if (areSame(before, await names())) return seen
    await sleep(SETTLING_MS)
  }
  throw new Error('the names of the rotated files change all the time')
}

function areSame(one: RotatedNames, other: RotatedNames): boolean {
  const isSame = ([file, stats]: [string, Stats]): boolean => {
    const there = other.get(file)
    return there !== undefined && inodeOf(there) === inodeOf(stats)
  }
  return one.size === other.size && [...one].every(isSame)
}
