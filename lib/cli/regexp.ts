import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RE2JS } from 're2js'
import { FILES } from '../files/uses.ts'
import { compilePattern, files, UsageError } from '../options/kinds.ts'
import type { Batch } from '../records/record.ts'
import { amiParse } from '../streams/ami-parse.ts'
import { objectStage } from '../streams/object-stage.ts'
import { stdoutAboveBottomRow } from '../text/bottom-row.ts'
import type { Reporter } from '../text/report.ts'
import { outboundQueue } from '../trackers/fields.ts'
import { DumpInput } from './dump-input.ts'
import { Input } from './input.ts'
import { checkFiles, namedFiles } from './named-files.ts'
import { readCommandLine } from './options.ts'
import { showProgress } from './progress.ts'

/** The options of `ami-track regexp`. */
export const regexpOptions = { replay: files(FILES.dump) }

/**
 * `ami-track regexp RE [CHANNEL…]`: tells of each channel whether `--hidden-channels RE` would hide its outbound calls,
 * and on which queue they would be.
 *
 * @throws UsageError if there is no expression, or one that cannot be understood
 * @throws Failure if a dump cannot be read
 */
export async function testPattern(argv: readonly string[], reporter: Reporter): Promise<void> {
  const { values, operands } = readCommandLine(argv, regexpOptions)
  const [expression = '', ...channels] = operands
  if (expression === '')
    throw new UsageError("a regular expression is missing: ami-track regexp '^SIP/' SIP/1001-00000001")
  const pattern = compilePattern(expression, 'regexp')
  if (values.replay.length === 0) {
    const names = channels.length > 0 ? Readable.from(channels) : createInterface({ input: Readable.from(new Input()) })
    const verdicts = objectStage<string, string>((name) => (name === '' ? undefined : verdict(pattern, name)))
    await pipeline(names, verdicts, stdoutAboveBottomRow())
    return
  }
  if (channels.length > 0) throw new UsageError('regexp takes channels or --replay FILE, not both')
  checkFiles(namedFiles(values, regexpOptions))
  const tell = (kind: string, text: string): void => {
    // Names of channels need no times.
    if (kind !== 'no timestamps') reporter.report(kind, text)
  }
  const input = new DumpInput(values.replay, tell, { watch: showProgress })
  const verdicts = objectStage<Batch, string>((batch) => verdictsOf(pattern, batch))
  await input.readBy(() => pipeline(input, amiParse(input.parsing), verdicts, stdoutAboveBottomRow()))
}

/** Of every channel that is created in a batch, in order. */
function verdictsOf(pattern: RE2JS, batch: Batch): string | undefined {
  let out = ''
  for (const record of batch) {
    if (record.kind === 'ami' && record.event === 'Newchannel') out += verdict(pattern, record.get('Channel') ?? '')
  }
  return out === '' ? undefined : out
}

function verdict(pattern: RE2JS, channel: string): string {
  const hidden = pattern.matcher(channel).find()
  return `${channel}\t${hidden ? 'hidden' : 'shown'}\t${outboundQueue('', hidden)}\n`
}
