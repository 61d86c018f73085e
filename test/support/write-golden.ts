import { writeFileSync } from 'node:fs'
import { linesInOneProcess } from './chains.ts'
import { type Fixture, formatGolden, selections } from './fixtures.ts'

/** Writes the golden file of a recording anew. */
export async function writeGolden({ amiFile, goldenFile }: Fixture): Promise<void> {
  const golden: Record<string, string> = {}
  for (const [name, entries] of selections) golden[name] = await linesInOneProcess(amiFile, entries)
  writeFileSync(goldenFile, formatGolden(golden))
}
