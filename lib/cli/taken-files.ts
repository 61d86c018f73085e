import { realpathSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { isOnlyRead } from '../files/file-use.ts'
import type { NamedFile } from '../files/same-file.ts'

/** The files that PBXs write: each has its own. */
export class TakenFiles {
  private readonly owners = new Map<string, string>()

  /**
   * Takes what a PBX writes.
   *
   * @param name of the PBX
   * @param path of its settings
   * @returns what is another one's already
   */
  faultsOf(name: string, path: string, files: readonly NamedFile[]): string[] {
    const faults: string[] = []
    for (const { by, path: file, use } of files.filter((one) => !isOnlyRead(one.use))) {
      const identity = identityOf(file)
      const other = this.owners.get(identity)
      if (other === undefined) this.owners.set(identity, name)
      else if (other !== name) faults.push(`${path}: ${by} ${file} is ${use.what} of ${other}: each PBX has its own`)
    }
    return faults
  }
}

/** The same text for the same file, also for one that is not there yet. */
function identityOf(path: string): string {
  const folder = dirname(resolve(path))
  try {
    return realpathSync(path)
  } catch {
    try {
      return join(realpathSync(folder), basename(path))
    } catch {
      return resolve(path)
    }
  }
}
