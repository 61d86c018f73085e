import { pipeline } from 'node:stream/promises'
import { anonymizeStage } from '../explain/anonymize-stage.ts'
import { explainStage } from '../explain/explain-stage.ts'
import { HtmlView } from '../explain/html-view.ts'
import { JsonView } from '../explain/json-view.ts'
import { OwnLines } from '../explain/own-lines.ts'
import { TerminalView } from '../explain/terminal-view.ts'
import type { View } from '../explain/view.ts'
import type { FileUse } from '../files/file-use.ts'
import { overwrittenFile } from '../files/overwritten-file.ts'
import { FILES } from '../files/uses.ts'
import { file, flag, type OptionKinds, type OptionValues, text, UsageError } from '../options/kinds.ts'
import { checkPeriod, periodOptions } from '../options/moment.ts'
import { amiParse } from '../streams/ami-parse.ts'
import { stdoutAboveBottomRow } from '../text/bottom-row.ts'
import { Failure } from '../text/exit.ts'
import type { ErrorLog } from '../text/log.ts'
import { chosenTrackers } from '../trackers/table.ts'
import { Tracking } from '../trackers/tracking.ts'
import { hasColours } from './colours.ts'
import { DumpInput } from './dump-input.ts'
import { linesOfFile } from './file-lines.ts'
import { checkFiles, namedFiles } from './named-files.ts'
import { readCommandLine } from './options.ts'
import { strictOption, tellOrFail } from './program.ts'
import { showProgress } from './progress.ts'
import { trackerOptions } from './tracker-options.ts'
import { refuseWithoutEffect } from './without-effect.ts'

/** The options of `ami-track explain`, beside its dumps. */
export const explainOptions = {
  call: text('UNIQUEID'),
  queue: text('QUEUE'),
  number: text('NUMBER'),
  ...periodOptions,
  queuelog: file(FILES.shownQueueLog),
  html: file(FILES.page),
  json: flag(),
  anonymize: file(FILES.anonymized),
  ...strictOption,
  ...trackerOptions,
}

/**
 * `ami-track explain DUMP… [--call UNIQUEID|--queue Q|--number N]`: tells why the calls of a dump have the lines that they
 * have, or none. Several dumps follow each other.
 *
 * @throws UsageError if there is no dump
 * @throws Failure if no call is what was asked for
 */
export async function explainDump(argv: readonly string[], errors: ErrorLog): Promise<void> {
  const { values, given, operands: dumps } = readCommandLine(argv, explainOptions)
  if (dumps.length === 0) throw new UsageError('a dump is missing: ami-track explain DUMP, or - for stdin')
  const { call, queue, number, since, until, queuelog, html, json, anonymize, strict, ...others } = values
  checkFiles([
    ...dumps.map((path) => ({ by: 'DUMP', path, use: FILES.dump })),
    ...namedFiles({ queuelog, html, anonymize }, explainOptions),
  ])
  const switches: OptionValues<OptionKinds> = others
  const input = new DumpInput(dumps, tellOrFail(errors, strict), { watch: showProgress })
  if (anonymize !== undefined) {
    const ofExplaining = Object.keys(explainOptions).filter((name) => name !== 'anonymize' && name !== 'strict')
    refuseWithoutEffect(given, ofExplaining, 'with --anonymize, which uses the whole dump and explains nothing')
    await input.readBy(() => pipeline(input, anonymizeStage(input.parsing), outputTo(anonymize, FILES.anonymized)))
    return
  }
  const asked = ['call', 'queue', 'number'].filter((name) => given.has(name)).map((name) => `--${name}`)
  if (asked.length > 1) throw new UsageError(`${asked.join(' and ')} cannot be used together: give one of them`)
  if (json && html !== undefined) throw new UsageError('--json and --html cannot be used together: give one of them')
  checkPeriod({ since, until })
  let found = 0
  const selection = { call, queue, number, since, until }
  const stage = explainStage({
    tracking: new Tracking(chosenTrackers(switches), switches),
    selection,
    view: viewFor(html, json),
    ownLines: queuelog === undefined ? undefined : new OwnLines(linesOfFile(queuelog)),
    onSelected: () => found++,
  })
  await input.readBy(() =>
    pipeline(input, amiParse({ allEvents: true, ...input.parsing }), stage, outputTo(html ?? '-', FILES.page)),
  )
  if (found === 0) throw new Failure('no call in this dump matches')
}

function viewFor(html: string | undefined, json: boolean): View {
  if (html !== undefined) return new HtmlView()
  return json ? new JsonView() : new TerminalView(hasColours())
}

/** A file that is written anew, or stdout. */
function outputTo(path: string, use: FileUse): NodeJS.WritableStream {
  return path === '-' ? stdoutAboveBottomRow() : overwrittenFile(path, use)
}
