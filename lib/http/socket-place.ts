import { once } from 'node:events'
import { lstatSync, unlinkSync } from 'node:fs'
import { connect, type Server } from 'node:net'
import { checkFile, MOVE_IT, problemOf } from '../files/check-file.ts'
import { UnfitFile } from '../files/file-problem.ts'
import type { FileUse } from '../files/file-use.ts'

/** A socket in the file system. */
export interface SocketPlace {
  readonly path: string
  readonly use: FileUse
}

/** Its owner and group may talk to it: nobody else. */
const MASK = 0o117

/**
 * Listens on a socket in the file system. One that a process has left, which is no more, is replaced.
 *
 * @returns says whether nobody else has taken its name
 * @throws FileProblem if the name is that of something else, or somebody listens there
 */
export async function listenOnSocket(server: Server, { path, use }: SocketPlace): Promise<() => boolean> {
  checkFile(path, use)
  try {
    const there = lstatSync(path, { throwIfNoEntry: false })
    if (there !== undefined) {
      if (await isAnswered(path)) throw new UnfitFile('another program already answers there')
      // A link, or the socket of another user's program that has ended, is not ours to remove.
      const isOurs = there.isSocket() && there.uid === process.getuid?.()
      if (!isOurs) throw new UnfitFile(`somebody else made it${MOVE_IT}`)
      unlinkSync(path)
    }
    // It is made while listen runs, so nobody else's files get this mask.
    const before = process.umask(MASK)
    server.listen(path)
    process.umask(before)
    await once(server, 'listening')
    const { dev, ino } = lstatSync(path)
    return () => {
      const there = lstatSync(path, { throwIfNoEntry: false })
      return there === undefined || (there.ino === ino && there.dev === dev)
    }
  } catch (error) {
    throw problemOf(error, path, use, { cannotBe: 'made' })
  }
}

/** Whether somebody listens on a socket. */
function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy()
      resolve(true)
    })
    // What may not be connected to is somebody's: only that nobody is there is no answer.
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'))
  })
}
