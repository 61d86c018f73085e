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

export function explainedGoldenFile({ name }: Fixture): string {
  return join(root, 'test/explain/golden', `${name.replace('/', '.')}.txt`)
}

export function explainedGolden(one: Fixture): string {
  return readFileSync(explainedGoldenFile(one), 'utf8')
}
