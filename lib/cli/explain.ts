import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import type { ParseReport } from '../ami/parser.ts'
import { anonymizeStage } from '../explain/anonymize-stage.ts'
import { explainStage } from '../explain/explain-stage.ts'
import { HtmlView } from '../explain/html-view.ts'
import { OwnLines } from '../explain/own-lines.ts'
import { TerminalView } from '../explain/terminal-view.ts'
import { type OptionKinds, type OptionValues, text, UsageError } from '../options/kinds.ts'
import { amiParse } from '../streams/ami-parse.ts'
import { Failure } from '../text/exit.ts'
import type { Reporter } from '../text/report.ts'
import { Tracking } from '../trackers/tracking.ts'
import { stdoutAboveBottomRow } from './bottom-row.ts'
import { hasColours } from './colours.ts'
import { linesOfFile } from './file-lines.ts'
import { openInput } from './input.ts'
import { readOptions } from './options.ts'
import { reportOrFail, strictOption } from './program.ts'
import { showProgress } from './progress.ts'
import { chosenTrackers, trackerOptions } from './tracker-options.ts'

const options = {
  call: text('UNIQUEID'),
  queue: text('QUEUE'),
  number: text('NUMBER'),
  queuelog: text('FILE'),
  html: text('FILE'),
  anonymize: text('FILE'),
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
  const { call, queue, number, queuelog, html, anonymize, strict, ...others } = readOptions(rest, options)
  const switches: OptionValues<OptionKinds> = others
  const tell = reportOrFail(reporter, strict)
  const onReport = ({ kind, offset, text }: ParseReport): void => tell(kind, `byte ${offset}: ${text}`)
  if (anonymize !== undefined) {
    const isWhole =
      call === undefined && queue === undefined && number === undefined && queuelog === undefined && html === undefined
    if (!isWhole) throw new UsageError('--anonymize takes the whole dump, and explains nothing')
    await pipeline(openInput(dump, showProgress), anonymizeStage(onReport), outputTo(anonymize))
    return
  }
  let found = 0
  const selection = { call, queue, number }
  await pipeline(
    openInput(dump, showProgress),
    amiParse({ allEvents: true, onReport }),
    explainStage({
      tracking: new Tracking(chosenTrackers(switches), switches),
      selection,
      view: html === undefined ? new TerminalView(hasColours()) : new HtmlView(),
      ownLines: queuelog === undefined ? undefined : new OwnLines(linesOfFile(queuelog)),
      onSelected: () => found++,
    }),
    outputTo(html ?? '-'),
  )
  if (found === 0) throw new Failure('no call of this dump is what was asked for')
}

/** A file that is written anew, or stdout. */
function outputTo(file: string): NodeJS.WritableStream {
  return file === '-' ? stdoutAboveBottomRow() : createWriteStream(file)
}
