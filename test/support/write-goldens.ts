import { writeFileSync } from 'node:fs'
import { linesInOneProcess } from './chains.ts'
import { allFixtures, formatGolden, selections } from './fixtures.ts'

/** Writes every golden file anew: what changed shows as a git diff, and is looked at before it is committed. */
for (const { amiFile, goldenFile } of allFixtures()) {
  const golden: Record<string, string> = {}
  for (const [name, entries] of selections) golden[name] = await linesInOneProcess(amiFile, entries)
  writeFileSync(goldenFile, formatGolden(golden))
}
