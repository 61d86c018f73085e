import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Fixture, fixture } from './fixtures.ts'
import { root } from './package.ts'
import { runPipe } from './programs.ts'

/** The options that switch every tracker on. */
export const ALL_TRACKERS = ['--outboundcalls', '1', '--parkedcalls', '1', '--moh', '1', '--hotdesking', '1']

/** The recordings of which the text that explains them is in test/explain/golden. */
export const explainedFixtures: readonly Fixture[] = [
  'asterisk-22/queue_hold',
  'asterisk-22/park_retrieve',
  'asterisk-22/out_service_echo',
  'asterisk-22/hotdesk',
  'asterisk-22-holds/caller_holds',
  'asterisk-22-freepbx/fp_out_ringgroup',
  'asterisk-16-calls/out_attended',
].map(fixture)

/** Explains a recording as a user does, with Asterisk's own lines. */
export async function explainedText({ amiFile, queueLogFile }: Fixture): Promise<string> {
  const command = ['ami-track', 'explain', amiFile, '--queuelog', queueLogFile, ...ALL_TRACKERS]
  const { stdout, stderr } = await runPipe([command])
  return stderr + stdout
}

/** The recordings of which the documents are there too. */
export const explainedAsJson: readonly Fixture[] = [
  'asterisk-22/queue_hold',
  'asterisk-22/park_retrieve',
  'asterisk-22-lab/local_declined_twice',
].map(fixture)

/** The same as {@link explainedText} for programs. */
export async function explainedJson({ amiFile, queueLogFile }: Fixture): Promise<string> {
  const command = ['ami-track', 'explain', amiFile, '--json', '--queuelog', queueLogFile, ...ALL_TRACKERS]
  const { stdout, stderr } = await runPipe([command])
  return stderr + stdout
}

/** @param kind what the file holds: `txt`, `ndjson` */
export function explainedGoldenFile({ name }: Fixture, kind = 'txt'): string {
  return join(root, 'test/explain/golden', `${name.replace('/', '.')}.${kind}`)
}

export function explainedGolden(one: Fixture, kind = 'txt'): string {
  return readFileSync(explainedGoldenFile(one, kind), 'utf8')
}
