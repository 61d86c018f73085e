/**
 * What a program does with a file that is named to it.
 *
 * - `read`: at the start, from beginning to end
 * - `stream`: a dump, which may also come from a pipe
 * - `look up`: the last lines of a file that somebody else writes, who may not have begun it yet
 * - `append`: what is in it stays
 * - `begin`: a new one at each start; that of the start before is kept beside it as `FILE.old`
 * - `overwrite`: written anew each time
 * - `lock`: made for as long as the program runs, and then removed
 * - `folder`: files of our own are made in it
 * - `listen`: a socket, made for as long as the program runs; one that nobody answers is replaced
 * - `connect`: the socket of another process
 */
export type FileWay =
  | 'read'
  | 'stream'
  | 'look up'
  | 'append'
  | 'begin'
  | 'overwrite'
  | 'lock'
  | 'folder'
  | 'listen'
  | 'connect'

/** What a file is to a program. */
export interface FileUse {
  /** As messages call it: `the log`. */
  readonly what: string
  readonly way: FileWay
  /** Where a service can have it instead: `set LOGFILE=…`. */
  readonly inService?: string
  /** How one begins that ami-track has made: only such a one is renamed, overwritten or removed. */
  readonly ownBeginning?: RegExp
}

/** Ways in which nothing is written. */
const READING: ReadonlySet<FileWay> = new Set(['read', 'stream', 'look up', 'connect'])

/** Whether a program only reads such a file. */
export function isOnlyRead({ way }: FileUse): boolean {
  return READING.has(way)
}
