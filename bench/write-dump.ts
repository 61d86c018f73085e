import { once } from 'node:events'
import { dump } from './generate.ts'
import { sharedTemplates } from './shared-templates.ts'

/** `write-dump.js BYTES SEED`: a dump of so many bytes on stdout, 50 calls at once. The same seed gives the same dump. */
const [bytes = '0', seed = '1'] = process.argv.slice(2)
for (const chunk of dump({ templates: sharedTemplates(), bytes: Number(bytes), lanes: 50, seed: Number(seed) })) {
  if (!process.stdout.write(chunk)) await once(process.stdout, 'drain')
}
