import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './package.ts'

/** A recorded call: what Asterisk sent, what it wrote itself, and what must come out of the product. */
export interface Fixture {
  /** `asterisk-22/queue_hold` */
  name: string
  amiFile: string
  queueLogFile: string
  goldenFile: string
}

const fixturesFolder = join(root, 'fixtures')

/** Every `*.ami` in a folder of fixtures/: a bug report is one more file. */
export function allFixtures(): Fixture[] {
  const folders = readdirSync(fixturesFolder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return folders.flatMap(({ name: folder }) =>
    readdirSync(join(fixturesFolder, folder))
      .filter((file) => file.endsWith('.ami'))
      .map((file) => fixture(`${folder}/${file.slice(0, -'.ami'.length)}`)),
  )
}

export function fixture(name: string): Fixture {
  const base = join(fixturesFolder, name)
  return { name, amiFile: `${base}.ami`, queueLogFile: `${base}.queue_log`, goldenFile: `${base}.golden` }
}

export function goldenOf({ goldenFile }: Fixture): string {
  return existsSync(goldenFile) ? readFileSync(goldenFile, 'utf8') : 'this fixture has no golden file: make fixtures'
}
