import { pipeline } from 'node:stream/promises'
import type { ParseReport } from '../ami/parser.ts'
import { runningTogether } from '../explain/explainer.ts'
import { HtmlView } from '../explain/html-view.ts'
import { OwnLines } from '../explain/own-lines.ts'
import { TerminalView } from '../explain/terminal-view.ts'
import type { FileUse } from '../files/file-use.ts'
import { overwrittenFile } from '../files/overwritten-file.ts'
import { FILES } from '../files/uses.ts'
import { file, type OptionKinds, type OptionValues, text, UsageError } from '../option-kinds.ts'
import type { Reporter } from '../report.ts'
import { amiParse } from '../stages/ami-parse.ts'
import { anonymizeStage } from '../stages/anonymize-stage.ts'
import { explainStage } from '../stages/explain-stage.ts'
import { stdoutAboveBottomRow } from './bottom-row.ts'
import { hasColours } from './colours.ts'
import { Failure } from './exit.ts'
import { linesOfFile } from './file-lines.ts'
import { openInput } from './input.ts'
import { checkFiles, namedFiles } from './named-files.ts'
import { readOptions } from './options.ts'
import { reportOrFail, strictOption } from './program.ts'
import { showProgress } from './progress.ts'
import { chosenTrackers, trackerOptions } from './tracker-options.ts'

/** The options of `ami-track explain`, behind its dump. */
export const explainOptions = {
  call: text('UNIQUEID'),
  queue: text('QUEUE'),
  number: text('NUMBER'),
  queuelog: file(FILES.shownQueueLog),
  html: file(FILES.page),
  anonymize: file(FILES.anonymized),
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
  const { call, queue, number, queuelog, html, anonymize, strict, ...others } = readOptions(rest, explainOptions)
  checkFiles([
    { by: 'DUMP', path: dump, use: FILES.dump },
    ...namedFiles({ queuelog, html, anonymize }, explainOptions),
  ])
  const switches: OptionValues<OptionKinds> = others
  const tell = reportOrFail(reporter, strict)
  const onReport = ({ kind, offset, text }: ParseReport): void => tell(kind, `byte ${offset}: ${text}`)
  if (anonymize !== undefined) {
    const isWhole =
      call === undefined && queue === undefined && number === undefined && queuelog === undefined && html === undefined
    if (!isWhole) throw new UsageError('--anonymize takes the whole dump, and explains nothing')
    await pipeline(openInput(dump, showProgress), anonymizeStage(onReport), outputTo(anonymize, FILES.anonymized))
    return
  }
  let found = 0
  const selection = { call, queue, number }
  await pipeline(
    openInput(dump, showProgress),
    amiParse({ allEvents: true, onReport }),
    explainStage({
      running: runningTogether(chosenTrackers(switches), switches),
      selection,
      view: html === undefined ? new TerminalView(hasColours()) : new HtmlView(),
      ownLines: queuelog === undefined ? undefined : new OwnLines(linesOfFile(queuelog)),
      onSelected: () => found++,
    }),
    outputTo(html ?? '-', FILES.page),
  )
  if (found === 0) throw new Failure('no call of this dump is what was asked for')
}

/** A file that is written anew, or stdout. */
function outputTo(path: string, use: FileUse): NodeJS.WritableStream {
  return path === '-' ? stdoutAboveBottomRow() : overwrittenFile(path, use)
}
