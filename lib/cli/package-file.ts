import { readFileSync } from 'node:fs'

/**
 * A file of this package; this module is dist/lib/cli/package-file.js of it. (Packages carry these files in their
 * executable: packaging/bundle.ts.)
 */
export function packageFile(path: string): string {
  return readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
}
