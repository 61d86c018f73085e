import type { FileUse } from '../files/file-use.ts'
import { isOnlyRead } from '../files/file-use.ts'
import { type NamedFile, placesOf } from '../files/same-file.ts'

/** The files that are of one PBX alone: those that it writes, and the queue_log in which its lines are looked up. */
export class TakenFiles {
  private readonly owners = new Map<string, string>()

  /**
   * Takes the files of a PBX.
   *
   * @param name of the PBX
   * @param path of its settings
   * @returns what is another one's already
   */
  faultsOf(name: string, path: string, files: readonly NamedFile[]): string[] {
    const faults: string[] = []
    for (const file of files.filter(({ use }) => isOfOne(use))) {
      for (const { identity } of placesOf(file)) {
        const other = this.owners.get(identity)
        if (other === undefined) this.owners.set(identity, name)
        else if (other !== name) {
          faults.push(
            `${path}: ${file.by} ${file.path} is already ${file.use.what} of ${other}: each PBX needs its own`,
          )
          break
        }
      }
    }
    return faults
  }
}

function isOfOne(use: FileUse): boolean {
  return !isOnlyRead(use) || use.way === 'look up'
}
