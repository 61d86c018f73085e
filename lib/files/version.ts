import { packageFile } from './package-file.ts'

/** The version of this package. */
export function version(): string {
  return JSON.parse(packageFile('package.json')).version
}
