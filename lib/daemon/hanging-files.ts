import { describeHanging, fileWaits } from '../files/file-waits.ts'
import type { ErrorLog } from '../text/log.ts'

const LOOK_EVERY_MS = 1000

/**
 * Tells of each file that hangs, once, and again when it has hung anew.
 *
 * @returns ends it
 */
export function watchHangingFiles(errors: ErrorLog): () => void {
  let known = new Set<string>()
  const look = (): void => {
    const hanging = fileWaits.hanging
    for (const file of hanging) {
      if (known.has(file.path)) continue
      errors.tell(kindOf(file.path), `${describeHanging(file)}. The data for it waits in memory`)
    }
    const now = new Set(hanging.map(({ path }) => path))
    for (const path of known) if (!now.has(path)) errors.mended(kindOf(path))
    known = now
  }
  const timer = setInterval(look, LOOK_EVERY_MS).unref()
  return () => clearInterval(timer)
}

function kindOf(path: string): string {
  return `hangs: ${path}`
}
