import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { RE2JS } from 're2js'
import { FILES } from '../files/uses.ts'
import { choice, compilePattern, files, type OptionValues, pattern, UsageError } from '../options/kinds.ts'
import type { Batch } from '../records/record.ts'
import { amiParse } from '../streams/ami-parse.ts'
import { objectStage } from '../streams/object-stage.ts'
import { stdoutAboveBottomRow } from '../text/bottom-row.ts'
import type { ErrorLog } from '../text/log.ts'
import { oneLine } from '../text/one-line.ts'
import { type CallToTrack, CHOICES, type ChoiceOption, leftOutBy } from '../trackers/chosen-calls.ts'
import { HIDDEN_OUTBOUND, outboundQueue } from '../trackers/fields.ts'
import { OutboundTracker } from '../trackers/outbound.ts'
import { trackers } from '../trackers/table.ts'
import { Tracking } from '../trackers/tracking.ts'
import { DumpInput } from './dump-input.ts'
import { Input } from './input.ts'
import { checkFiles, namedFiles } from './named-files.ts'
import { readCommandLine } from './options.ts'
import { showProgress } from './progress.ts'

/** The options of `ami-track regexp`. */
export const regexpOptions = {
  replay: files(FILES.dump),
  'hidden-channels': pattern(),
  'outbound-channels': choice(),
  'outbound-numbers': choice(),
  'outbound-contexts': choice(),
}

type Expressions = OptionValues<typeof regexpOptions>

/**
 * `ami-track regexp RE [CHANNEL…]`, or the options that take an expression: tells of each channel, number or context, or of
 * each outbound call of a dump, whether it is tracked, hidden or left out, and by which option.
 *
 * @throws UsageError if there is no expression, or one that cannot be understood
 * @throws Failure if a dump cannot be read
 */
export async function testPattern(argv: readonly string[], errors: ErrorLog): Promise<void> {
  const { values, operands } = readCommandLine(argv, regexpOptions)
  const chosen = optionsIn(values)
  const [expression, ...others] = chosen.length === 0 ? operands : ['', ...operands]
  if (expression === undefined || (expression === '' && chosen.length === 0)) {
    throw new UsageError("a regular expression is missing: ami-track regexp '^SIP/' SIP/1001-00000001")
  }
  const expressions =
    chosen.length > 0 ? values : { ...values, 'hidden-channels': compilePattern(expression, 'regexp') }
  if (values.replay.length > 0) {
    if (others.length > 0) throw new UsageError('regexp takes texts or --replay FILE, but not both')
    await testDump(expressions, errors)
    return
  }
  if (chosen.length > 1) throw new UsageError(`${chosen.join(' and ')} can be used together only with --replay FILE`)
  const texts = others.length > 0 ? Readable.from(others) : createInterface({ input: Readable.from(new Input()) })
  const verdicts = objectStage<string, string>((text) => (text === '' ? undefined : verdictOn(text, expressions)))
  await pipeline(texts, verdicts, stdoutAboveBottomRow())
}

function optionsIn(values: Expressions): string[] {
  return ['hidden-channels', ...Object.keys(CHOICES)]
    .filter((option) => values[option as keyof Expressions] !== undefined)
    .map((option) => `--${option}`)
}

/** Of one text: the name of a channel, or whatever the only option looks at. */
function verdictOn(text: string, expressions: Expressions): string {
  const option = (Object.keys(CHOICES) as ChoiceOption[]).find((name) => expressions[name] !== undefined)
  if (option === undefined) return `${text}\t${hiddenOrShown(text, expressions['hidden-channels'])}\n`
  return `${text}\t${expressions[option]?.matches(text) ? 'tracked' : 'left out'}\n`
}

function hiddenOrShown(channel: string, expression: RE2JS | undefined): string {
  const isHidden = expression?.matcher(channel).find() ?? false
  return `${isHidden ? 'hidden' : 'shown'}\t${outboundQueue('', isHidden)}`
}

/** Of each call that would be tracked if all were: it lasts until the threshold, and is no inbound one. */
async function testDump(expressions: Expressions, errors: ErrorLog): Promise<void> {
  checkFiles(namedFiles(expressions, regexpOptions))
  const input = new DumpInput(expressions.replay, errors.tell.bind(errors), { watch: showProgress })
  const calls: CallToTrack[] = []
  const tracking = trackingOf(expressions, (call) => calls.push(call))
  const told = (): string | undefined => {
    const lines = calls.splice(0).map((call) => lineOf(call, leftOutBy(expressions, call)))
    return lines.length === 0 ? undefined : lines.join('')
  }
  const verdicts = objectStage<Batch, string>(
    (batch) => {
      tracking.pass(batch)
      return told()
    },
    () => {
      tracking.end()
      return told()
    },
  )
  await input.readBy(() => pipeline(input, amiParse(input.parsing), verdicts, stdoutAboveBottomRow()))
}

function trackingOf(expressions: Expressions, onCall: (call: CallToTrack) => void): Tracking {
  const entry = trackers.find(({ program }) => program === 'track-outbound')
  if (entry === undefined) throw new Error('track-outbound is not in the table of trackers')
  const hidden = expressions['hidden-channels']
  const options = {
    thresholdMs: Number(entry.options.outboundthreshold?.fallback),
    rewriteUniqueids: true,
    hides: (channel: string) => hidden?.matcher(channel).find() ?? false,
    leavesOut: (call: CallToTrack) => {
      onCall(call)
      return undefined
    },
    agentName: 'interface',
    joinLines: true,
    beginsWith: 'callout',
  } as const
  return new Tracking([{ ...entry, create: (_values, around) => new OutboundTracker(options, around) }])
}

function lineOf(
  { uniqueid, channel, number, context, queuename }: CallToTrack,
  option: ChoiceOption | undefined,
): string {
  const isHidden = queuename.startsWith(HIDDEN_OUTBOUND)
  const verdict = option !== undefined ? ['left out', `--${option}`] : [isHidden ? 'hidden' : 'tracked', queuename]
  return `${[uniqueid, channel, number, context, ...verdict].map(oneLine).join('\t')}\n`
}
