import { writeFileSync } from 'node:fs'
import { allFixtures } from './fixtures.ts'
import { runPipe } from './programs.ts'

/** Writes every golden file anew: what changed shows as a git diff, and is looked at before it is committed. */
for (const { amiFile, goldenFile } of allFixtures()) {
  const { stdout, stderr } = await runPipe([['ami-track', '--replay', amiFile]])
  if (stderr !== '') throw new Error(`${amiFile}: ${stderr}`)
  writeFileSync(goldenFile, stdout)
}
