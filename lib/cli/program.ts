import { exitCodeOf, isClosedPipe } from '../daemon/exit-code.ts'
import type { FileUse } from '../files/file-use.ts'
import { version } from '../files/version.ts'
import { flag, type OptionKinds, type OptionValues, UsageError } from '../options/kinds.ts'
import { tellOnStderr } from '../text/bottom-row.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import { EXIT, Failure } from '../text/exit.ts'
import { AT_THE_END, ErrorLog } from '../text/log.ts'
import { quoted } from '../text/quoted.ts'
import { keepDebuggerClosed } from './debugger.ts'
import { wasInterrupted } from './input.ts'
import { checkFiles, namedFiles } from './named-files.ts'
import { type CommandLine, readCommandLine, refuseOperands } from './options.ts'
import { readSettings } from './settings.ts'
import { isFolder } from './settings-folder.ts'

/** What stands behind the name of a subcommand, and whom to tell of problems. */
type Subcommand = (argv: readonly string[], errors: ErrorLog) => Promise<void>

/** What a command line says besides the values of its options. */
export type Said = Pick<CommandLine<OptionKinds>, 'given' | 'operands' | 'secrets'>

export interface Program<K extends OptionKinds> {
  /** The name it is called by, and that of its help text. */
  name: string
  options: K
  /** The keys of its settings file, each with its option; by default those of ami-track. */
  settings?: Readonly<Record<string, string>>
  /** What its arguments are, where they are files. */
  operands?: FileUse
  run: (options: OptionValues<K>, errors: ErrorLog, line: Said) => Promise<void>
  /** What it does where `--settings` names a folder. */
  runFolder?: (argv: readonly string[], folder: string) => Promise<void>
  /** What is wrong with the options together, before any file is looked at. @throws UsageError */
  assertUsable?: (options: OptionValues<K>, line: Said) => void
  /** Those options that do something here: the others may name files that this run leaves alone. Default: all. */
  optionsInUse?: (options: OptionValues<K>, given: CommandLine<K>['given']) => Partial<OptionValues<K>>
  /** What the program does instead where its first argument is one of these; each has `help/NAME-SUBCOMMAND.txt`. */
  subcommands?: Record<string, Subcommand>
  /** How a file that stands where no argument belongs is meant to be given: `ami-parse < FILE`. */
  fileBelongs?: (file: string) => string
}

/** What is asked of a program before its options are read. */
type Words = Pick<Program<OptionKinds>, 'name' | 'subcommands' | 'fileBelongs'>

/**
 * Runs a program to its exit code: data goes to stdout, one line a problem to stderr, and a reader who has seen enough
 * (`| head -1`) is no problem.
 */
export async function runProgram<K extends OptionKinds>(
  program: Program<K>,
  argv = process.argv.slice(2),
): Promise<void> {
  const tell = (text: string): void => tellOnStderr(`${program.name}: ${text}`)
  const errors = new ErrorLog({ error: (text) => tellOnStderr(`${program.name}: ${text}`, 'warn') }, AT_THE_END)
  keepDebuggerClosed()
  // A reader of stdout that is gone is told by the write itself; one of stderr has nothing to be told.
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
  process.on('beforeExit', tellUnfinished)
  try {
    const asked = askedOfAll(program, argv)
    if (asked !== undefined) await say(await textOf(program, asked))
    else await runCommand(program, argv, errors)
  } catch (error) {
    if (isClosedPipe(error)) return
    process.exitCode = exitCodeOf(error)
    const see = error instanceof UsageError ? ` (see ${commandOf(program, argv)} --help)` : ''
    tell(`${(error as Error).message}${see}`)
  } finally {
    process.off('beforeExit', tellUnfinished)
    errors.end()
  }
}

async function runCommand<K extends OptionKinds>(
  program: Program<K>,
  argv: readonly string[],
  errors: ErrorLog,
): Promise<void> {
  const [first = '', ...rest] = argv
  const subcommand = subcommandOf(program, first)
  if (subcommand !== undefined) {
    await subcommand(rest, errors)
    return
  }
  const { runFolder, operands: use } = program
  const folder = runFolder && settingsFolder(argv, program.options)
  if (folder !== undefined) {
    await runFolder?.(argv, folder)
    return
  }
  const settingsOf = (path: string) =>
    readSettings(path, (text) => errors.tell('settings', text), undefined, program.settings)
  const line = readCommandLine(argv, program.options, settingsOf)
  if (use === undefined) refuseOperands(line, operandMeant(program, line.operands[0]))
  const { values, given, operands } = line
  program.assertUsable?.(values, line)
  checkFiles([
    ...(use === undefined ? [] : operands.map((path) => ({ by: 'FILE', path, use }))),
    ...namedFiles(program.optionsInUse?.(values, given) ?? values, program.options),
  ])
  await program.run(values, errors, line)
}

/** The folder that `--settings` names, if it is one. */
function settingsFolder(argv: readonly string[], kinds: OptionKinds): string | undefined {
  const line = readCommandLine(argv, kinds)
  const path = line.values.settings
  if (typeof path !== 'string' || !isFolder(path)) return undefined
  refuseOperands(line)
  return path
}

/** The version, or a help text, by its name. */
type Asked = 'version' | { helpOf: string }

/**
 * The help or the version, where a command line asks for it: `-h`, `--help`, `help [SUBCOMMAND]`, `-V`, `--version`,
 * `version`.
 *
 * @throws UsageError if help is asked for what there is not
 */
function askedOfAll(program: Words, argv: readonly string[]): Asked | undefined {
  const [first, topic] = argv
  const end = argv.indexOf('--')
  const options = new Set(end < 0 ? argv : argv.slice(0, end))
  if (first === 'help') return helpOf(program, topic)
  if (options.has('--help') || options.has('-h')) return helpOf(program, subcommandOf(program, first) && first)
  if (first === 'version' || options.has('--version') || options.has('-V')) return 'version'
  return undefined
}

async function textOf({ name }: Words, asked: Asked): Promise<string> {
  if (asked === 'version') return `${name} ${version()}\n`
  // Who wants no help need not load what is told of all trackers.
  const { helpText } = await import('./help.ts')
  return helpText(asked.helpOf)
}

function helpOf(program: Words, topic: string | undefined): Asked {
  const { name, subcommands = {} } = program
  if (topic === undefined || topic.startsWith('-')) return { helpOf: name }
  if (subcommandOf(program, topic) !== undefined) return { helpOf: `${name}-${topic}` }
  throw new UsageError(
    `there is no subcommand ${quoted(topic)}${didYouMean(topic, Object.keys(subcommands), `${name} help `)}`,
  )
}

function subcommandOf({ subcommands = {} }: Words, word = ''): Subcommand | undefined {
  return Object.hasOwn(subcommands, word) ? subcommands[word] : undefined
}

/** The command whose help tells of what was typed. */
function commandOf(program: Words, [first]: readonly string[]): string {
  return subcommandOf(program, first) === undefined ? program.name : `${program.name} ${first}`
}

/** What was meant by an argument where none belongs, as the end of a message. */
function operandMeant({ name, subcommands = {}, fileBelongs }: Words, operand = ''): string {
  const meant = didYouMean(operand, [...Object.keys(subcommands), 'help', 'version'], `${name} `)
  if (meant !== '' || fileBelongs === undefined || !/[./]/.test(operand)) return meant
  return `: give a file as ${fileBelongs(operand)}`
}

/** Node has nothing left to do and the program has not come to its end: that is no success. */
function tellUnfinished(): void {
  process.exitCode ??= EXIT.failed
}

export const strictOption = { strict: flag() }

/** Told of a problem in the input: with `--strict` the first one ends the program. */
export function tellOrFail(errors: ErrorLog, strict: boolean): (kind: string, text: string) => void {
  return (kind, text) => {
    if (wasInterrupted()) return
    if (strict) throw new Failure(text)
    errors.tell(kind, text)
  }
}

function say(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()))
  })
}
