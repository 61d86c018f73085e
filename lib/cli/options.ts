import minimist from 'minimist'
import { type OptionKinds, type OptionValues, quoted, UsageError } from '../option-kinds.ts'

/**
 * Reads a command line. Options are `--name value` or `--name=value`; nothing is abbreviated and there are no
 * positional arguments.
 *
 * @throws UsageError for an option that is unknown, malformed, or given twice, and for a stray argument
 */
export function readOptions<K extends OptionKinds>(argv: readonly string[], kinds: K): OptionValues<K> {
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
  return values as OptionValues<K>
}
