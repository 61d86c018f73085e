import { pipeline } from 'node:stream/promises'
import { OwnLines } from '../explain/own-lines.ts'
import { TerminalView } from '../explain/terminal-view.ts'
import { type OptionKinds, type OptionValues, text, UsageError } from '../option-kinds.ts'
import type { Reporter } from '../report.ts'
import { amiParse } from '../stages/ami-parse.ts'
import { explainStage } from '../stages/explain-stage.ts'
import { Failure } from './exit.ts'
import { linesOfFile } from './file-lines.ts'
import { openInput } from './input.ts'
import { readOptions } from './options.ts'
import { reportOrFail, strictOption } from './program.ts'
import { chosenTrackers, trackerOptions } from './tracker-options.ts'

const options = {
  call: text('UNIQUEID'),
  queue: text('QUEUE'),
  number: text('NUMBER'),
  queuelog: text('FILE'),
  ...strictOption,
  ...trackerOptions,
}

/**
 * `ami-track explain DUMP [--call UNIQUEID|--queue Q|--number N]`: tells why the calls of a dump have the lines that they
 * have, or none.
 *
 * @throws UsageError if there is no dump
 * @throws Failure if no call is what was asked for
 */
export async function explainDump(argv: readonly string[], reporter: Reporter): Promise<void> {
  const [dump = '', ...rest] = argv
  if (dump === '' || dump.startsWith('--'))
    throw new UsageError('explain needs a DUMP, or - for stdin, before its options')
  const { call, queue, number, queuelog, strict, ...others } = readOptions(rest, options)
  const switches: OptionValues<OptionKinds> = others
  const tell = reportOrFail(reporter, strict)
  let found = 0
  const selection = { call, queue, number }
  await pipeline(
    openInput(dump),
    amiParse({ allEvents: true, onReport: ({ kind, offset, text }) => tell(kind, `byte ${offset}: ${text}`) }),
    explainStage({
      running: chosenTrackers(switches).map((entry) => ({ entry, tracker: entry.create(switches) })),
      selection,
      view: new TerminalView(hasColours()),
      ownLines: queuelog === undefined ? undefined : new OwnLines(linesOfFile(queuelog)),
      onSelected: () => found++,
    }),
    process.stdout,
  )
  if (found === 0) throw new Failure('no call of this dump is what was asked for')
}

/** Colours are for eyes (https://no-color.org). */
function hasColours(): boolean {
  const { NO_COLOR = '' } = process.env
  return process.stdout.isTTY === true && NO_COLOR === ''
}
