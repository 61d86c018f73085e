import type { Transform } from 'node:stream'
import type { SonicBoom } from 'sonic-boom'
import type { Log } from '../log.ts'
import { objectStage } from '../stages/object-stage.ts'
import { ended, openAppendFile } from './logger.ts'

/** What waits for the disk, at most: bytes. A debug file must not hold up what it is to explain. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024

/** A copy of the AMI stream in a file, which replays to the same lines. */
export class DebugFile {
  private readonly path: string
  private readonly log: Log
  private readonly file: SonicBoom
  private isBroken = false

  private constructor(path: string, file: SonicBoom, log: Log) {
    this.path = path
    this.file = file
    this.log = log
    file.on('drop', () => this.giveUp('the disk is too slow'))
    file.on('error', (error) => this.giveUp(error.message))
  }

  /** @throws Failure if the file cannot be opened */
  static async open(path: string, log: Log): Promise<DebugFile> {
    return new DebugFile(path, await openAppendFile(path, MAX_WAITING_BYTES, 'buffer'), log)
  }

  /** A stage through which the stream goes, and is written down. */
  stage(): Transform {
    return objectStage<Buffer, Buffer>((chunk) => {
      // SonicBoom takes buffers in this mode; its types do not know of that.
      if (!this.isBroken) this.file.write(chunk as unknown as string)
      return chunk
    })
  }

  /** Goes on in the file that has the name then. */
  reopen(): void {
    this.isBroken = false
    this.file.reopen()
  }

  end(): Promise<void> {
    return ended(this.file)
  }

  private giveUp(reason: string): void {
    if (this.isBroken) return
    this.isBroken = true
    this.log.error(`the debug file ${this.path} has a gap from here on: ${reason}; SIGHUP opens it again`)
  }
}
