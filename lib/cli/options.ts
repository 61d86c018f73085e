import minimist from 'minimist'
import {
  holdsSecret,
  isOnOff,
  type OptionKind,
  type OptionKinds,
  type OptionValues,
  UsageError,
} from '../options/kinds.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import { quoted } from '../text/quoted.ts'
import { type OtherSecrets, SECRETS, type Setting } from './settings.ts'

/** What a settings file says, by the names of options. */
export type SettingsOf = (path: string) => Map<string, Setting>

/** What a command line says. */
export interface CommandLine<K extends OptionKinds> {
  values: OptionValues<K>
  /** The names of the options that stand on it: the others have their values from a settings file, or their defaults. */
  given: ReadonlySet<string>
  /** What is no option, in order. */
  operands: readonly string[]
  /** The secrets that no option gives: those of a settings file, or of the environment. */
  secrets: OtherSecrets
}

/** What every program has besides its own options. */
const COMMON = ['help', 'version']
/** As a word processor or a web page shows two hyphens. */
const DASH = /^[\u2010-\u2015\u2212]+-?(?=[a-z])/

/**
 * Reads a command line. Options are `--name value` or `--name=value`, and none is abbreviated; behind `--` there are only
 * operands. What `--settings FILE` says counts where an option is not given, and what another option sets where neither says
 * anything.
 *
 * @throws UsageError for an option that is unknown, malformed, or given twice
 */
export function readCommandLine<K extends OptionKinds>(
  argv: readonly string[],
  kinds: K,
  settingsOf?: SettingsOf,
): CommandLine<K> {
  const { options, operands } = parted(argv, kinds)
  // Every option is a string to minimist: `--secret 0012` must not become 12.
  const parsed = minimist(options, { string: Object.keys(kinds) })
  const values: Record<string, unknown> = {}
  const given = new Set<string>()
  for (const [name, kind] of Object.entries(kinds)) {
    const text: unknown = parsed[name]
    if (text !== undefined) given.add(name)
    values[name] = text === undefined ? kind.fallback : readTexts(kind, name, [text].flat().map(String))
  }
  const said = new Set(given)
  const secrets: Record<string, string | undefined> = {}
  for (const { variable } of SECRETS) secrets[variable] = process.env[variable]
  if (typeof parsed.settings === 'string' && settingsOf !== undefined) {
    const settings = settingsOf(parsed.settings)
    for (const secret of SECRETS) {
      const isGiven = (parsed[secret.option] ?? parsed[`${secret.option}-file`]) !== undefined
      secrets[secret.variable] = takeSecret(settings, secret, isGiven) ?? secrets[secret.variable]
    }
    for (const [name, setting] of settings) {
      const kind = kinds[name]
      if (kind === undefined || given.has(name)) continue
      values[name] = readSetting(kind, name, setting)
      said.add(name)
    }
  }
  for (const [name, kind] of Object.entries(kinds)) {
    for (const [other, text] of kind.sets?.(values[name]) ?? []) {
      if (!said.has(other)) values[other] = kinds[other]?.read(other, text)
    }
  }
  return { values: values as OptionValues<K>, given, operands, secrets }
}

/**
 * Reads a command line that has options alone.
 *
 * @throws UsageError as {@link readCommandLine}, and for a stray argument
 */
export function readOptions<K extends OptionKinds>(
  argv: readonly string[],
  kinds: K,
  settingsOf?: SettingsOf,
): OptionValues<K> {
  const line = readCommandLine(argv, kinds, settingsOf)
  refuseOperands(line)
  return line.values
}

/** @throws UsageError if there is an operand */
export function refuseOperands(
  { operands, given }: Pick<CommandLine<OptionKinds>, 'operands' | 'given'>,
  hint = '',
): void {
  const [first] = operands
  if (first === undefined) return
  // It may be the second word of a secret that was not quoted: that is not shown.
  throw new UsageError(
    given.has('secret') || holdsSecret(first) ? 'unexpected argument' : `unexpected argument ${quoted(first)}${hint}`,
  )
}

/**
 * Parts options from operands, each option with its value in one word. So minimist need not guess whether `-1` is a value,
 * nor sees `--toString` and `--constructor`, which it takes for known.
 */
function parted(argv: readonly string[], kinds: OptionKinds): { options: string[]; operands: string[] } {
  const options: string[] = []
  const operands: string[] = []
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] as string
    if (word === '--') return { options, operands: [...operands, ...argv.slice(at + 1)] }
    if (!isOptionLike(word)) {
      operands.push(word)
      continue
    }
    const name = word.replace(/^--?/, '').replace(/=.*/s, '')
    const kind = word.startsWith('--') && Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind === undefined) throw unknownOption(word.replace(/=.*/s, ''), kinds)
    if (word.includes('=')) options.push(word)
    else {
      const value = valueBehind(name, kind, argv[at + 1])
      options.push(`--${name}=${value ?? ''}`)
      if (value !== undefined) at++
    }
  }
  return { options, operands }
}

/** The word behind an option, if it is its value. */
function valueBehind(
  name: string,
  { isFlag = false }: OptionKind<unknown>,
  next: string | undefined,
): string | undefined {
  if (next === undefined) return undefined
  if (isFlag) return isOnOff(next) ? next : undefined
  if (!next.startsWith('-') || next === '-' || /^-\d/.test(next)) return next
  if (next.startsWith('--') && name !== 'secret') return undefined
  if (name === 'secret') throw new UsageError('write a secret that begins with - as --secret=…')
  throw new UsageError(`write a value that begins with - as --${name}=${next}`)
}

function isOptionLike(word: string): boolean {
  return (word.startsWith('-') && word !== '-') || DASH.test(word)
}

function unknownOption(word: string, kinds: OptionKinds): UsageError {
  const name = word.replace(DASH, '').replace(/^--?/, '')
  if (COMMON.includes(name)) return new UsageError(`${word} takes no value`)
  const hint = DASH.test(word)
    ? `: an option begins with two hyphens, --${name}`
    : didYouMean(name, [...Object.keys(kinds), ...COMMON], '--')
  return new UsageError(`unknown option ${quoted(word)}${hint}`)
}

function readTexts({ read, readAll }: OptionKind<unknown>, name: string, texts: readonly string[]): unknown {
  if (readAll !== undefined) return readAll(name, texts)
  const [text = '', ...more] = texts
  if (more.length > 0) throw new UsageError(`--${name} is given more than once`)
  return read(name, text)
}

/**
 * Takes a secret out of the settings: as an option it would be warned of, as one that ps shows.
 *
 * @returns undefined if they have none
 */
function takeSecret(
  settings: Map<string, Setting>,
  { option, variable }: (typeof SECRETS)[number],
  isGiven: boolean,
): string | undefined {
  const secret = settings.get(option)
  const file = settings.get(`${option}-file`)
  settings.delete(option)
  if (isGiven) {
    settings.delete(`${option}-file`)
    return undefined
  }
  if (secret !== undefined && file !== undefined) {
    throw new UsageError(`both ${file.where} and ${variable} give the secret: remove one of them`)
  }
  return secret?.text
}

function readSetting({ read }: OptionKind<unknown>, name: string, { text, where }: Setting): unknown {
  try {
    return read(name, text)
  } catch (error) {
    throw new UsageError(`${where}: ${(error as Error).message}`)
  }
}
