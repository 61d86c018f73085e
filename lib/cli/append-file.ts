import sonicBoom, { type SonicBoom } from 'sonic-boom'
import { FileProblem, type FileProblemOptions, reasonOf } from '../files/file-problem.ts'

export interface AppendFileOptions {
  /** What the file is to the program: `the log`. */
  what: string
  inService: NonNullable<FileProblemOptions['inService']>
  /** What waits for the disk, at most: bytes. What comes beyond that is lost. */
  maxWaitingBytes: number
  /** Told when something is lost, or cannot be written. */
  onLoss: (reason: string) => void
}

/** A file to which is appended without anybody waiting for the disk. */
export class AppendFile {
  private readonly path: string
  private readonly options: AppendFileOptions
  private file: SonicBoom

  private constructor(path: string, options: AppendFileOptions, file: SonicBoom) {
    this.path = path
    this.options = options
    this.file = file
    this.watch(file)
  }

  /** @throws FileProblem if it cannot be opened */
  static async open(path: string, options: AppendFileOptions): Promise<AppendFile> {
    return new AppendFile(path, options, await openFile(path, options))
  }

  write(data: string | Buffer): void {
    // SonicBoom takes buffers in this mode; its types do not know of that.
    this.file.write((typeof data === 'string' ? Buffer.from(data, 'utf8') : data) as unknown as string)
  }

  /**
   * Goes on in the file that has the name then. What waits still goes into the old one, which stays in use if there can
   * be no new one. (SonicBoom's own reopen closes the old one twice after it has failed once.)
   */
  async reopen(): Promise<void> {
    try {
      const file = await openFile(this.path, this.options)
      const before = this.file
      this.file = file
      this.watch(file)
      await ended(before)
    } catch (error) {
      this.options.onLoss((error as Error).message)
    }
  }

  /** Writes what waits, and closes the file. */
  end(): Promise<void> {
    return ended(this.file)
  }

  private watch(file: SonicBoom): void {
    file.on('drop', () => this.options.onLoss('the disk is too slow'))
    file.on('error', (error) => this.options.onLoss(reasonOf(error)))
  }
}

function openFile(path: string, { maxWaitingBytes, what, inService }: AppendFileOptions): Promise<SonicBoom> {
  return new Promise((resolve, reject) => {
    const file = new sonicBoom.SonicBoom({
      dest: path,
      append: true,
      sync: false,
      maxLength: maxWaitingBytes,
      mode: 0o640,
      contentMode: 'buffer',
    })
    const failed = (error: Error): void => reject(new FileProblem(error, path, what, { inService }))
    file.once('error', failed)
    file.once('ready', () => {
      file.off('error', failed)
      resolve(file)
    })
  })
}

function ended(file: SonicBoom): Promise<void> {
  return new Promise((resolve) => {
    file.once('close', resolve)
    file.once('error', () => resolve())
    file.end()
  })
}
