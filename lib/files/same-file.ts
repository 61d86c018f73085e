import { fstatSync, realpathSync, type Stats, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { filesOf } from './check-file.ts'
import { type FileUse, isOnlyRead } from './file-use.ts'

/** A file that is named to a program. */
export interface NamedFile {
  /** By what it is named: `--queuelog` */
  readonly by: string
  readonly path: string
  readonly use: FileUse
}

/** A file that is used, by whatever name. */
export interface Place {
  readonly by: string
  readonly use: FileUse
  /** The same text for the same file, by whatever name. */
  readonly identity: string
}

/**
 * What is written may not be what is read, nor what is written for another purpose: the one would destroy the other.
 *
 * @returns of each pair what is wrong with it
 */
export function sameFiles(files: readonly NamedFile[]): string[] {
  const faults: string[] = []
  const refuseSame = (one: Place, other: Place): void => {
    const fault = faultOf(one, other)
    if (fault !== undefined) faults.push(fault)
  }
  const places = files.flatMap(placesOf)
  const inputs: Place[] = descriptorPlaces([0])
  const outputs = descriptorPlaces([1, 2])
  for (const [n, one] of places.entries()) {
    for (const other of places.slice(n + 1)) refuseSame(one, other)
    for (const input of inputs) refuseSame(one, input)
    // Who sends stderr where the log goes loses nothing: both append.
    if (isOnlyRead(one.use)) for (const output of outputs) refuseSame(one, output)
  }
  for (const input of inputs) for (const output of outputs) refuseSame(input, output)
  return faults
}

function faultOf(one: Place, other: Place): string | undefined {
  if (one.identity !== other.identity || one.by === other.by) return undefined
  const [oneReads, otherReads] = [isOnlyRead(one.use), isOnlyRead(other.use)]
  if (oneReads && otherReads) return undefined
  // Lines that were appended are looked up where they are.
  if (one.use.way === 'look up' || other.use.way === 'look up') {
    if (one.use.way === 'append' || other.use.way === 'append') return undefined
  }
  const [written, kept] = oneReads ? [other, one] : [one, other]
  return `${written.by} and ${kept.by} are the same file, and one would destroy the other: name two files`
}

/** The files that are touched where one is named: that of the start before, too. */
export function placesOf({ by, path, use }: NamedFile): Place[] {
  if (path === '-') return []
  return [...new Set(filesOf(path, use))].flatMap((file) => {
    const identity = identityOf(file)
    return identity === undefined ? [] : [{ by, use, identity }]
  })
}

/** What the shell has connected stdin, stdout and stderr with, where that is a file. */
function descriptorPlaces(descriptors: readonly (0 | 1 | 2)[]): Place[] {
  return descriptors.flatMap((descriptor) => {
    const identity = identityOfStatus(statusOfDescriptor(descriptor))
    if (identity === undefined) return []
    const by = (['stdin', 'stdout', 'stderr'] as const)[descriptor]
    return [{ by, use: { what: by, way: descriptor === 0 ? 'stream' : 'append' }, identity }]
  })
}

function statusOfDescriptor(descriptor: number): Stats | undefined {
  try {
    return fstatSync(descriptor)
  } catch {
    return undefined // it is closed
  }
}

/** Of a file that is not there yet, the place where it will be. */
function identityOf(path: string): string | undefined {
  try {
    const status = statSync(path, { throwIfNoEntry: false })
    if (status !== undefined) return identityOfStatus(status)
    return join(realpathSync(dirname(path)), basename(path))
  } catch {
    return undefined
  }
}

/** Devices and pipes can be written by several. */
function identityOfStatus(status: Stats | undefined): string | undefined {
  return status?.isFile() ? `${status.dev}:${status.ino}` : undefined
}
