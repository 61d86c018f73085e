import { renameSync, statSync } from 'node:fs'
import type { Transform } from 'node:stream'
import type { Log } from '../log.ts'
import { objectStage } from '../stages/object-stage.ts'
import { AppendFile } from './append-file.ts'
import { Failure } from './exit.ts'

/** What waits for the disk, at most: bytes. A debug file must not hold up what it is to explain. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024

/** A copy of the AMI stream in a file, which replays to the same lines. */
export class DebugFile {
  private readonly path: string
  private readonly log: Log
  private file: AppendFile | undefined
  private isBroken = false

  private constructor(path: string, log: Log) {
    this.path = path
    this.log = log
  }

  /**
   * Begins a new file. That of the run before is kept as `PATH.old`: where this run knows nothing of the calls of that
   * one, the two together would replay to other lines than were written.
   *
   * @throws Failure if the file cannot be opened
   */
  static async open(path: string, log: Log): Promise<DebugFile> {
    try {
      // One that is empty may stand where this process can put no other: a service's, made for it by root.
      if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 0) renameSync(path, `${path}.old`)
    } catch (error) {
      throw new Failure(`the debug file of the run before cannot be kept: ${(error as Error).message}`)
    }
    const debugFile = new DebugFile(path, log)
    const onLoss = (reason: string): void => debugFile.giveUp(reason)
    debugFile.file = await AppendFile.open(path, {
      what: 'the debug file',
      inService: 'set DEBUGFILE=/var/log/ami-track/events.log',
      maxWaitingBytes: MAX_WAITING_BYTES,
      onLoss,
    })
    return debugFile
  }

  /** A stage through which the stream goes, and is written down. */
  stage(): Transform {
    return objectStage<Buffer, Buffer>((chunk) => {
      if (!this.isBroken) this.file?.write(chunk)
      return chunk
    })
  }

  /** Goes on in the file that has the name then. */
  async reopen(): Promise<void> {
    this.isBroken = false
    await this.file?.reopen()
  }

  async end(): Promise<void> {
    await this.file?.end()
  }

  private giveUp(reason: string): void {
    if (this.isBroken) return
    this.isBroken = true
    this.log.error(`the debug file ${this.path} has a gap from here on: ${reason}; SIGHUP opens it again`)
  }
}
