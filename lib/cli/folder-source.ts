import { type FSWatcher, watch } from 'node:fs'
import type { ReadSet, SetSource } from '../daemon/run-set.ts'
import type { Log } from '../text/log.ts'

/** Files that come one after the other are taken up together, in ms. */
const SETTLED_MS = 300

/** The settings in a folder. */
export class FolderSource implements SetSource {
  readonly whenEmpty: string
  readonly read: () => ReadSet
  private readonly folder: string
  private readonly isWatched: boolean
  private watcher: FSWatcher | undefined
  private waiting: NodeJS.Timeout | undefined
  private log: Log | undefined

  /**
   * @param read reads it
   * @param isWatched whether files that come, change or go are taken up by themselves
   */
  constructor(folder: string, read: () => ReadSet, isWatched: boolean) {
    this.folder = folder
    this.read = read
    this.isWatched = isWatched
    this.whenEmpty = `${folder} contains no file NAME.conf. Make one, then send SIGHUP`
  }

  async open(log: Log): Promise<void> {
    this.log = log
  }

  watch(changed: () => void): void {
    if (!this.isWatched) return
    const failed = ({ message }: Error): void =>
      this.log?.error(`${this.folder} cannot be watched (${message}). After a change send SIGHUP`)
    try {
      const watcher = watch(this.folder, { persistent: false }, () => {
        clearTimeout(this.waiting)
        this.waiting = setTimeout(changed, SETTLED_MS).unref()
      })
      this.watcher = watcher.on('error', failed)
    } catch (error) {
      failed(error as Error)
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.waiting)
    this.watcher?.close()
  }
}
