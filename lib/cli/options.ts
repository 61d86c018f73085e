import minimist from 'minimist'
import { type OptionKind, type OptionKinds, type OptionValues, quoted, UsageError } from '../options/kinds.ts'
import type { Setting } from './settings.ts'

/** What a settings file says, by the names of options. */
type SettingsOf = (path: string) => Map<string, Setting>

/**
 * Reads a command line. Options are `--name value` or `--name=value`; nothing is abbreviated and there are no
 * positional arguments. What `--settings FILE` says counts where an option is not given.
 *
 * @throws UsageError for an option that is unknown, malformed, or given twice, and for a stray argument
 */
export function readOptions<K extends OptionKinds>(
  argv: readonly string[],
  kinds: K,
  settingsOf?: SettingsOf,
): OptionValues<K> {
  // minimist takes `--toString` and `--constructor` for known and drops them: their names are checked here first.
  for (const [index, argument] of argv.entries()) {
    if (argv[index - 1] === '--secret' && argument.startsWith('-')) {
      throw new UsageError('a secret that begins with - is written --secret=…')
    }
    if (!argument.startsWith('-') || argument === '-') continue
    const name = argument.replace(/^--?/, '').replace(/=.*/s, '')
    if (!argument.startsWith('--') || !Object.hasOwn(kinds, name)) {
      throw new UsageError(`unknown option ${quoted(argument.replace(/=.*/s, ''))}`)
    }
  }
  // Every option is a string to minimist: `--secret 0012` must not become 12.
  const parsed = minimist([...argv], { string: ['_', ...Object.keys(kinds)] })
  if (parsed._.length > 0) {
    // It may be the second word of a secret that was not quoted: that is not shown.
    const shown = parsed.secret === undefined ? ` ${quoted(String(parsed._[0]))}` : ''
    throw new UsageError(`unexpected argument${shown}`)
  }
  const values: Record<string, unknown> = {}
  for (const [name, kind] of Object.entries(kinds)) {
    const given: unknown = parsed[name]
    if (Array.isArray(given)) throw new UsageError(`--${name} is given more than once`)
    values[name] = given === undefined ? kind.fallback : kind.read(name, String(given))
  }
  if (typeof parsed.settings === 'string' && settingsOf !== undefined) {
    const settings = takeSecret(settingsOf(parsed.settings), (parsed.secret ?? parsed['secret-file']) !== undefined)
    for (const [name, setting] of settings) {
      const kind = kinds[name]
      if (kind !== undefined && parsed[name] === undefined) values[name] = readSetting(kind, name, setting)
    }
  }
  return values as OptionValues<K>
}

/** The secret becomes that of the environment: as an option it would be warned of, as one that ps shows. */
function takeSecret(settings: Map<string, Setting>, isGiven: boolean): Map<string, Setting> {
  const secret = settings.get('secret')
  const file = settings.get('secret-file')
  if (isGiven) settings.delete('secret-file')
  else if (secret !== undefined && file !== undefined) {
    throw new UsageError(`${file.where} and AMISECRET are both given: which is the secret?`)
  } else if (secret !== undefined) process.env.AMISECRET = secret.text
  settings.delete('secret')
  return settings
}

function readSetting({ read }: OptionKind<unknown>, name: string, { text, where }: Setting): unknown {
  try {
    return read(name, text)
  } catch (error) {
    throw new UsageError(`${where}: ${(error as Error).message}`)
  }
}
