import minimist from 'minimist'

/** The command line cannot be understood: one line that names the option, exit code 2. */
export class UsageError extends Error {
  constructor(text: string) {
    super(text)
    this.name = 'UsageError'
  }
}

/** How the text of an option becomes its value. */
export interface OptionKind<T> {
  /** @throws UsageError */
  read: (name: string, text: string) => T
  fallback: T
}

export type OptionKinds = Record<string, OptionKind<unknown>>

export type OptionValues<K extends OptionKinds> = {
  [Name in keyof K]: K[Name] extends OptionKind<infer T> ? T : never
}

const ON = new Set(['1', 'yes', 'true'])
const OFF = new Set(['0', 'no', 'false'])

/** `--moh 1`: 1/0, yes/no, true/false. */
export function onOff(fallback: boolean): OptionKind<boolean> {
  return {
    fallback,
    read: (name, text) => {
      if (ON.has(text)) return true
      if (OFF.has(text)) return false
      throw new UsageError(`--${name} takes 1 or 0${text === '' ? '' : `, not ${quoted(text)}`}`)
    },
  }
}

/** `--strict`: on where it stands alone, and with the same values as {@link onOff}. */
export function flag(): OptionKind<boolean> {
  const { fallback, read } = onOff(false)
  return { fallback, read: (name, text) => text === '' || read(name, text) }
}

/** `--queuelog FILE`; undefined if not given. */
export function text(what: string): OptionKind<string | undefined> {
  return {
    fallback: undefined,
    read: (name, value) => {
      if (value === '') throw new UsageError(`--${name} needs a ${what}`)
      return value
    },
  }
}

/**
 * Reads a command line. Options are `--name value` or `--name=value`; nothing is abbreviated and there are no
 * positional arguments.
 *
 * @throws UsageError for an option that is unknown, malformed, or given twice, and for a stray argument
 */
export function readOptions<K extends OptionKinds>(argv: readonly string[], kinds: K): OptionValues<K> {
  // minimist takes `--toString` and `--constructor` for known and drops them: their names are checked here first.
  for (const argument of argv) {
    if (!argument.startsWith('-') || argument === '-') continue
    const name = argument.replace(/^--?/, '').replace(/=.*/s, '')
    if (!argument.startsWith('--') || !Object.hasOwn(kinds, name)) {
      throw new UsageError(`unknown option ${quoted(argument.replace(/=.*/s, ''))}`)
    }
  }
  // Every option is a string to minimist: `--secret 0012` must not become 12.
  const parsed = minimist([...argv], { string: Object.keys(kinds) })
  if (parsed._.length > 0) throw new UsageError(`unexpected argument ${quoted(String(parsed._[0]))}`)
  const values: Record<string, unknown> = {}
  for (const [name, kind] of Object.entries(kinds)) {
    const given: unknown = parsed[name]
    if (Array.isArray(given)) throw new UsageError(`--${name} is given more than once`)
    values[name] = given === undefined ? kind.fallback : kind.read(name, String(given))
  }
  return values as OptionValues<K>
}

function quoted(argument: string): string {
  return JSON.stringify(argument.length > 80 ? `${argument.slice(0, 80)}…` : argument)
}
