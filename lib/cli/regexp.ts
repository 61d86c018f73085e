import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RE2JS } from 're2js'
import { FILES } from '../files/uses.ts'
import { compilePattern, file, UsageError } from '../option-kinds.ts'
import type { Batch } from '../record.ts'
import { amiParse } from '../stages/ami-parse.ts'
import { objectStage } from '../stages/object-stage.ts'
import { outboundQueue } from '../trackers/fields.ts'
import { stdoutAboveBottomRow } from './bottom-row.ts'
import { openInput } from './input.ts'
import { checkFiles, namedFiles } from './named-files.ts'
import { readOptions } from './options.ts'
import { showProgress } from './progress.ts'

/** The options of `ami-track regexp`, behind its channels. */
export const regexpOptions = { replay: file(FILES.dump) }

/**
 * `ami-track regexp RE [CHANNEL…]`: tells of each channel whether `--hidden-channels RE` would hide its outbound calls,
 * and on which queue they would be.
 *
 * @throws UsageError if there is no expression, or one that cannot be understood
 */
export async function testPattern(argv: readonly string[]): Promise<void> {
  const [expression, ...rest] = argv
  if (expression === undefined || expression === '') throw new UsageError('regexp needs a regular expression')
  const pattern = compilePattern(expression, 'regexp')
  const firstOption = rest.findIndex((argument) => argument.startsWith('--'))
  const channels = firstOption < 0 ? rest : rest.slice(0, firstOption)
  const { replay } = readOptions(firstOption < 0 ? [] : rest.slice(firstOption), regexpOptions)
  if (replay !== undefined && channels.length > 0) throw new UsageError('regexp takes channels or --replay, not both')
  checkFiles(namedFiles({ replay }, regexpOptions))
  const told = objectStage<string, string>((channel) => (channel === '' ? undefined : verdict(pattern, channel)))
  await pipeline(channelsOf(channels, replay), told, stdoutAboveBottomRow())
}

function channelsOf(channels: string[], replay: string | undefined): AsyncIterable<string> {
  if (replay !== undefined) return channelNamesOf(openInput(replay, showProgress))
  if (channels.length > 0) return Readable.from(channels)
  return createInterface({ input: Readable.from(openInput()) })
}

/** Every name of a channel that was created in a dump, in order. */
async function* channelNamesOf(dump: AsyncIterable<Buffer>): AsyncGenerator<string> {
  for await (const batch of Readable.from(dump).pipe(amiParse()) as AsyncIterable<Batch>) {
    for (const record of batch) {
      if (record.kind === 'ami' && record.event === 'Newchannel') yield record.get('Channel') ?? ''
    }
  }
}

function verdict(pattern: RE2JS, channel: string): string {
  const hidden = pattern.matcher(channel).find()
  return `${channel}\t${hidden ? 'hidden' : 'shown'}\t${outboundQueue('', hidden)}\n`
}
