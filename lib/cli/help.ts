import { packageFile } from '../files/package-file.ts'
import { shownValue } from '../options/kinds.ts'
import type { TrackerEntry } from '../trackers/row.ts'
import { trackers } from '../trackers/table.ts'
import { presetOption, presets } from './presets.ts'

/** The column in which the text of an option begins, and how wide a help text is. */
const TEXT_COLUMN = 28
const WIDTH = 100

/** The switches of all trackers and their own options, none twice, with what they do. */
const switches: ReadonlyMap<string, string> = new Map([
  ...trackers
    .filter(({ option, options }) => !(option in options))
    .map(({ option, onByDefault, help }): [string, string] => [
      `--${option} 1`,
      `${help} (default ${shownValue(onByDefault)})`,
    ]),
  ...trackers.flatMap((entry) => [...optionsOf(entry)]),
])

const preset: readonly [shown: string, text: string] = [
  `--preset ${presetOption().shown}`,
  `set what this reporting tool needs, unless an option or the settings file says otherwise. ${presets
    .map(({ name, options }) => `${name}: ${options.map(({ option, value }) => `--${option} ${value}`).join(' ')}`)
    .join('; ')}`,
]

/** What stands in the files of help/ for what is said of each tracker and each preset. */
const FILLED: Readonly<Record<string, string>> = {
  '@TRACKERS@': lines(switches),
  '@PRESETS@': lines([preset]),
  '@PRESET_NAME@': lines([[preset[0], 'show what ami-track --preset sets, and why']]),
  '@TRACKER_OPTIONS@': lines([
    [[...switches.keys(), preset[0]].map((shown) => shown.replace(/ .*/, '')).join(', '), 'as in ami-track --help'],
  ]),
}

/**
 * The help text of a program, or of a subcommand that has one of its own: a file of help/, or made of the tracker's row.
 *
 * @param name `ami-track`, `ami-track-explain`, `track-moh`
 */
export function helpText(name: string): string {
  const entry = trackers.find(({ program }) => program === name)
  if (entry !== undefined) return trackerHelp(entry)
  return packageFile(`help/${name}.txt`).replace(/^@[A-Z_]+@\n/gm, (line) => FILLED[line.trimEnd()] ?? line)
}

function trackerHelp(entry: TrackerEntry): string {
  const { program, about, examples } = entry
  const options = [...optionsOf(entry)]
  const [first = '', ...others] = about
  const paragraphs = [`Passes every record on and adds queue_log records for ${first}`, ...others]
  const stages = [program, ...examples]
  return `${[
    `Usage: ${program}${options.length > 0 ? ' [options]' : ''} < records.ndjson > records.ndjson`,
    ...paragraphs.map((text) => wrapped(text, WIDTH).join('\n')),
    `Options:\n${lines(options)}  -h, --help, -V, --version`,
    'Exit codes: 0 fine, 1 failed, 2 usage.',
    `Examples:\n${stages.map((stage) => `  ami-parse < dump.ami | ${stage} | qlog-write`).join('\n')}`,
  ].join('\n\n')}\n`
}

function* optionsOf({ options }: TrackerEntry): Generator<[shown: string, text: string]> {
  for (const [name, { shown, help, fallback }] of Object.entries(options)) {
    const byDefault = fallback === undefined ? '' : ` (default ${shownValue(fallback)})`
    yield [`--${name} ${shown}`, `${help}${byDefault}`]
  }
}

function lines(options: Iterable<readonly [shown: string, text: string]>): string {
  const all = [...options].flatMap(([shown, text]) => {
    const [first = '', ...others] = wrapped(text, WIDTH + 8 - TEXT_COLUMN).map((line) => ' '.repeat(TEXT_COLUMN) + line)
    const terms = wrapped(shown, WIDTH - 2).map((line) => `  ${line}`)
    const [term = ''] = terms
    return terms.length === 1 && term.length < TEXT_COLUMN - 1
      ? [term + first.slice(term.length), ...others]
      : [...terms, first, ...others]
  })
  return all.map((line) => `${line}\n`).join('')
}

/** A text in lines that are no longer than that. */
function wrapped(text: string, width: number): string[] {
  const out: string[] = []
  for (const word of text.split(' ')) {
    const last = out.at(-1)
    if (last === undefined || last.length + 1 + word.length > width) out.push(word)
    else out[out.length - 1] = `${last} ${word}`
  }
  return out
}
