import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { fileWaits } from './file-waits.ts'

const { O_APPEND, O_CREAT, O_NONBLOCK, O_RDWR, O_WRONLY } = constants

/** For open(2): without O_NONBLOCK a pipe that nobody reads would hold a thread until somebody does. */
export const APPENDING = O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK

/** The end of such a file can be looked at, and cut off. */
const APPENDING_AND_READING = O_RDWR | O_APPEND | O_CREAT | O_NONBLOCK

/**
 * Opens a file to append whole lines to it, and to read what stands at its end where that is permitted.
 *
 * @throws Error if it cannot be opened, or is a pipe: its reader would be waited for
 */
export async function openToAppend(path: string): Promise<FileHandle> {
  const file = await fileWaits.until(
    path,
    open(path, APPENDING_AND_READING).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EACCES') throw error
      return open(path, APPENDING) // it may be written, but not read
    }),
  )
  const stats = await fileWaits.until(path, file.stat())
  if (!stats.isFIFO()) return file
  await fileWaits.until(path, file.close())
  throw new Error('it is a pipe')
}
