import { AmiStreamError } from '../ami/parser.ts'
import { keepDebuggerClosed } from '../daemon/debugger.ts'
import { FileProblem } from '../files/file-problem.ts'
import { flag, type OptionKinds, type OptionValues, UsageError } from '../option-kinds.ts'
import { Reporter } from '../report.ts'
import { tellOnStderr } from './bottom-row.ts'
import { EXIT, Failure } from './exit.ts'
import { wasInterrupted } from './input.ts'
import { readOptions } from './options.ts'
import { packageFile } from './package-file.ts'
import { readSettings } from './settings.ts'
import { version } from './version.ts'

export interface Program<K extends OptionKinds> {
  /** The name it is called by, and that of its help text. */
  name: string
  options: K
  run: (options: OptionValues<K>, reporter: Reporter) => Promise<void>
  /** What the program does instead where its first argument is one of these. */
  subcommands?: Record<string, (argv: readonly string[], reporter: Reporter) => Promise<void>>
  /** Those of them that have a help text of their own: `help/NAME-SUBCOMMAND.txt`. */
  subcommandsWithHelp?: readonly string[]
}

/**
 * Runs a program to its exit code: data goes to stdout, one line a problem to stderr, and a reader who has seen enough
 * (`| head -1`) is no problem.
 */
export async function runProgram<K extends OptionKinds>(
  program: Program<K>,
  argv = process.argv.slice(2),
): Promise<void> {
  const tell = (text: string): void => tellOnStderr(`${program.name}: ${text}`)
  const reporter = new Reporter((text) => tellOnStderr(`${program.name}: ${text}`, 'warn'))
  keepDebuggerClosed()
  // A reader of stdout that is gone is told by the write itself; one of stderr has nothing to be told.
  process.stdout.on('error', () => {})
  process.stderr.on('error', () => {})
  process.on('beforeExit', tellUnfinished)
  try {
    if (argv.includes('--help')) {
      await say(packageFile(`help/${helpOf(program, argv[0])}.txt`))
    } else if (argv.includes('--version')) {
      await say(`${program.name} ${version()}\n`)
    } else {
      const [first = '', ...rest] = argv
      const { subcommands = {} } = program
      const subcommand = Object.hasOwn(subcommands, first) ? subcommands[first] : undefined
      if (subcommand !== undefined) await subcommand(rest, reporter)
      else {
        const settingsOf = (path: string) => readSettings(path, (text) => reporter.report('settings', text))
        await program.run(readOptions(argv, program.options, settingsOf), reporter)
      }
    }
  } catch (error) {
    if (isClosedPipe(error)) return
    process.exitCode = exitCodeOf(error)
    tell(`${(error as Error).message}${error instanceof UsageError ? ` (see ${program.name} --help)` : ''}`)
  } finally {
    process.off('beforeExit', tellUnfinished)
    reporter.end()
  }
}

/** A subcommand has a help of its own where that is more than a few lines. */
function helpOf(
  { name, subcommandsWithHelp = [] }: Pick<Program<OptionKinds>, 'name' | 'subcommandsWithHelp'>,
  first = '',
): string {
  return subcommandsWithHelp.includes(first) ? `${name}-${first}` : name
}

/** Node has nothing left to do and the program has not come to its end: that is no success. */
function tellUnfinished(): void {
  process.exitCode ??= EXIT.failed
}

export const strictOption = { strict: flag() }

/** Told of a problem in the input: with `--strict` the first one ends the program. */
export function reportOrFail(reporter: Reporter, strict: boolean): (kind: string, text: string) => void {
  return (kind, text) => {
    if (wasInterrupted()) return
    if (strict) throw new Failure(text)
    reporter.report(kind, text)
  }
}

function say(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()))
  })
}

/** A reader of ours has seen enough. */
export function isClosedPipe(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EPIPE'
}

/** The exit code of a program that this error ends. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage
  if (error instanceof AmiStreamError && error.kind === 'AMI 1.x') return EXIT.hopeless
  if (error instanceof FileProblem && error.isPermanent) return EXIT.hopeless
  return EXIT.failed
}
