import { strict as assert } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/package.ts'

/** Where `make packages` puts what it builds. */
export const packages = join(root, 'dist/packages')

/** The one file there of that ending: `_amd64.deb`. */
export function packageFile(ending: string): string {
  const [name] = readdirSync(packages).filter((file) => file.endsWith(ending))
  assert.ok(name, `there is no ${ending} in ${packages}: make packages`)
  return join(packages, name)
}

const { bin, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
export const programs: string[] = Object.keys(bin)
export { version }
