import { strict as assert } from 'node:assert'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ParseReport } from '../../lib/ami/parser.ts'
import { Anonymizer } from '../../lib/explain/anonymize.ts'
import { anonymizeStage } from '../../lib/explain/anonymize-stage.ts'
import { dumpBegin } from '../../lib/files/own-beginnings.ts'

export interface AnonymizingOptions {
  anonymizer?: Anonymizer
  chunkBytes?: number
  /** Nothing may be wrong in the dump unless this is given. */
  onReport?: (report: ParseReport) => void
}

/** What `ami-track explain --anonymize` writes of a dump. */
export async function anonymizedDump(
  dump: string | Buffer,
  { anonymizer = new Anonymizer(), chunkBytes = 65_536, onReport = failing }: AnonymizingOptions = {},
): Promise<Buffer> {
  const bytes = Buffer.from(dump)
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += chunkBytes) chunks.push(bytes.subarray(at, at + chunkBytes))
  const written: Buffer[] = []
  await pipeline(
    Readable.from(chunks),
    anonymizeStage({ onReport }, anonymizer),
    async (source: AsyncIterable<Buffer>) => {
      for await (const chunk of source) written.push(chunk)
    },
  )
  return withoutBeginning(Buffer.concat(written))
}

/** Without the mark that tells the next run whose file it is. */
function withoutBeginning(dump: Buffer): Buffer {
  const beginning = dumpBegin('anonymize')
  assert.ok(dump.length === 0 || dump.toString('latin1').startsWith(beginning))
  return dump.subarray(beginning.length)
}

function failing({ kind, text }: ParseReport): void {
  if (kind !== 'no timestamps') assert.fail(text)
}
