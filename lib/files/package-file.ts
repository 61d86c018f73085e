import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const top = dirname(createRequire(import.meta.url).resolve('ami-track/package.json'))

/** A file of this package. (Packages carry these files in their executable: packaging/bundle.ts.) */
export function packageFile(path: string): string {
  return readFileSync(join(top, path), 'utf8')
}
