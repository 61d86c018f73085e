import { lstatSync, unlinkSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { checkFile, problemOf } from '../files/check-file.ts'
import { UnfitFile } from '../files/file-problem.ts'
import type { FileUse } from '../files/file-use.ts'

/** A socket in the file system. */
export interface SocketPlace {
  readonly path: string
  readonly use: FileUse
}

/** Its owner and group may talk to it: nobody else. */
const MASK = 0o117
/** So long is the path of a socket at most: sun_path of sockaddr_un is 108 bytes with the 0 at its end (unix(7)). */
const MAX_PATH_BYTES = 107

/**
 * Listens on a socket in the file system. One that a process has left, which is no more, is replaced.
 *
 * @throws FileProblem if the name is that of something else, or somebody listens there
 */
export async function listenOnSocket(server: Server, { path, use }: SocketPlace): Promise<void> {
  checkFile(path, use)
  try {
    if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
      throw new UnfitFile(`the path of a socket has at most ${MAX_PATH_BYTES} bytes`)
    }
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
      if (await isAnswered(path)) throw new UnfitFile('another program answers there')
      unlinkSync(path)
    }
    // It is made while listen runs, so nobody else's files get this mask.
    const before = process.umask(MASK)
    const listening = new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(path, () => {
        server.off('error', reject)
        resolve()
      })
    })
    process.umask(before)
    await listening
  } catch (error) {
    throw problemOf(error, path, use, { cannotBe: 'made' })
  }
}

/** Whether somebody listens on a socket. */
export function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => resolve(true))
    // What may not be connected to is somebody's: only that nobody is there is no answer.
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'))
    socket.once('close', () => {})
    socket.once('connect', () => socket.destroy())
  })
}
