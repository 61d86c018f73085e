import { writeFileSync } from 'node:fs'
import { explainedAsJson, explainedFixtures, explainedGoldenFile, explainedJson, explainedText } from './explaining.ts'
import { allFixtures } from './fixtures.ts'
import { writeGolden } from './write-golden.ts'

/** Writes every golden file anew: what changed shows as a git diff, and is looked at before it is committed. */
for (const fixture of allFixtures()) await writeGolden(fixture)
for (const fixture of explainedFixtures) writeFileSync(explainedGoldenFile(fixture), await explainedText(fixture))
for (const fixture of explainedAsJson)
  writeFileSync(explainedGoldenFile(fixture, 'ndjson'), await explainedJson(fixture))
