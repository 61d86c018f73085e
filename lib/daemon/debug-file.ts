import { renameSync, statSync } from 'node:fs'
import type { Transform } from 'node:stream'
import { checkFile, filesOf, isOwnOrEmpty, MOVE_IT } from '../files/check-file.ts'
import { FileProblem } from '../files/file-problem.ts'
import { dumpBegin } from '../files/own-beginnings.ts'
import { FILES } from '../files/uses.ts'
import { objectStage } from '../streams/object-stage.ts'
import type { Log } from '../text/log.ts'
import { AppendFile } from './append-file.ts'

/** What waits for the disk, at most: bytes. A debug file must not hold up what it is to explain. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024

/** A copy of the AMI stream in a file, which replays to the same lines. */
export class DebugFile {
  private readonly path: string
  private readonly log: Log
  private file: AppendFile | undefined
  private isBroken = false
  /** Whether nothing is in the file yet. */
  private isEmpty = false

  private constructor(path: string, log: Log) {
    this.path = path
    this.log = log
  }

  /**
   * Begins a new file. That of the run before is kept as `PATH.old`: where this run knows nothing of the calls of that
   * one, the two together would replay to other lines than were written.
   *
   * @throws FileProblem if the file cannot be opened, or if it or `PATH.old` is none of ours
   */
  static async open(path: string, log: Log): Promise<DebugFile> {
    checkFile(path, FILES.debug)
    if (sizeOf(path) > 0) setAside(path)
    const debugFile = new DebugFile(path, log)
    const onLoss = (reason: string): void => debugFile.giveUp(reason)
    debugFile.file = await AppendFile.open(path, { use: FILES.debug, maxWaitingBytes: MAX_WAITING_BYTES, onLoss })
    debugFile.isEmpty = true
    return debugFile
  }

  /** A stage through which the stream goes, and is written down. */
  stage(): Transform {
    return objectStage<Buffer, Buffer>((chunk) => {
      if (this.isBroken) return chunk
      if (this.isEmpty) this.file?.write(dumpBegin('debugfile'))
      this.isEmpty = false
      this.file?.write(chunk)
      return chunk
    })
  }

  /** Goes on in the file that has the name then, if it is one of ours or a new one. */
  async reopen(): Promise<void> {
    this.isBroken = false
    if (sizeOf(this.path) > 0 && !isOwnOrEmpty(this.path, FILES.debug)) {
      this.giveUp(`somebody else made the file of this name${MOVE_IT}`)
      return
    }
    await this.file?.reopen()
    this.isEmpty = sizeOf(this.path) === 0
  }

  async end(): Promise<void> {
    await this.file?.end()
  }

  private giveUp(reason: string): void {
    if (this.isBroken) return
    this.isBroken = true
    this.log.error(`the debug file ${this.path} has a gap here: ${reason}. Send SIGHUP to open it again`)
  }
}

function setAside(path: string): void {
  const [, kept] = filesOf(path, FILES.debug)
  try {
    renameSync(path, kept)
  } catch (error) {
    throw new FileProblem(error, path, FILES.debug.what, { cannotBe: `kept as ${kept}` })
  }
}

/** In bytes; 0 of what is no file. */
function sizeOf(path: string): number {
  const status = statSync(path, { throwIfNoEntry: false })
  return status?.isFile() ? status.size : 0
}
