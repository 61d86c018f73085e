import { isIPv6 } from 'node:net'
import type { RE2JS } from 're2js'
import type { FileUse } from '../files/file-use.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import { quoted } from '../text/quoted.ts'
import { loadRe2 } from './re2.ts'

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
  /** What a help text shows behind its name: `FILE`, or an example; '' where nothing need stand there. */
  shown: string
  /** Its values, or those besides on and off, where these are a few words. */
  words?: readonly string[]
  /** Whether it may stand alone, and then takes a word behind it only if that is one of its values. */
  isFlag?: boolean
  /** Reads all texts of an option that may be given more than once. @throws UsageError */
  readAll?: (name: string, texts: readonly string[]) => T
  /** What is done with the file that the option names. */
  file?: FileUse
  /** The options that it sets where they are not given, each with its text. */
  sets?(value: T): Iterable<readonly [option: string, text: string]>
}

export type OptionKinds = Record<string, OptionKind<unknown>>

export type OptionValues<K extends OptionKinds> = {
  [Name in keyof K]: K[Name] extends OptionKind<infer T> ? T : never
}

/** `mysql://user:secret@host` */
const SECRET_IN_ADDRESS = /^[a-z][a-z0-9+.-]*:\/\/.*:.*@/is

/** Whether a text is an address that may hold a secret: it is shown nowhere. */
export function holdsSecret(text: string): boolean {
  return SECRET_IN_ADDRESS.test(text)
}

const ON = new Set(['1', 'yes', 'true'])
const OFF = new Set(['0', 'no', 'false'])

/** Whether a text says on or off. */
export function isOnOff(text: string): boolean {
  return ON.has(text) || OFF.has(text)
}

/** `--moh 1`: 1/0, yes/no, true/false. */
export function onOff(fallback: boolean): OptionKind<boolean> {
  return {
    fallback,
    shown: '1',
    read: (name, text) => {
      if (isOnOff(text)) return ON.has(text)
      throw new UsageError(`--${name} takes 1 or 0${not(text)}`)
    },
  }
}

/** `--hotdesking names`: off, or on, or on in a way that has a word of its own. */
export function onOffOr<T extends string>(words: readonly T[]): OptionKind<boolean | T> {
  return {
    fallback: false,
    shown: `1|${words.join('|')}`,
    words,
    read: (name, text) => {
      const word = words.find((known) => known === text)
      if (word !== undefined || isOnOff(text)) return word ?? ON.has(text)
      throw new UsageError(`--${name} takes 1, 0 or ${words.join(', ')}${not(text)}${didYouMean(text, words)}`)
    },
  }
}

/** What a help text and a settings file show of a default: `1` and `0` for on and off. */
export function shownValue(value: unknown): string {
  return String(typeof value === 'boolean' ? Number(value) : value)
}

/** `--strict`: on where it stands alone, and with the same values as {@link onOff}. */
export function flag(): OptionKind<boolean> {
  const { fallback, read } = onOff(false)
  return { fallback, shown: '', isFlag: true, read: (name, text) => text === '' || read(name, text) }
}

/** `--queuelog FILE`: an option that names a file or a folder; undefined if not given. */
export function file(use: FileUse): OptionKind<string | undefined> {
  const what = use.way === 'folder' ? 'DIR' : 'FILE'
  const { read, ...kind } = text(what)
  return {
    ...kind,
    read: (name, value) => {
      // A path is shown in messages, and this is none: there is a secret in it.
      if (holdsSecret(value)) throw new UsageError(`--${name} takes a ${what}, not an address`)
      return read(name, value)
    },
    file: use,
  }
}

/** `--replay FILE`: the same of one that may be given more than once. */
export function files(use: FileUse): OptionKind<readonly string[]> {
  return { ...texts('FILE'), file: use }
}

/** `--call UNIQUEID`; undefined if not given. */
export function text(what: string): OptionKind<string | undefined> {
  return {
    fallback: undefined,
    shown: what,
    read: (name, value) => {
      if (value === '') throw new UsageError(`--${name} needs a ${what}`)
      return value
    },
  }
}

/** `--replay FILE --replay FILE`: one after the other; empty if not given. */
export function texts(what: string): OptionKind<readonly string[]> {
  const { read } = text(what)
  return {
    fallback: [],
    shown: what,
    read: (name, value) => [read(name, value) ?? ''],
    readAll: (name, values) => values.map((value) => read(name, value) ?? ''),
  }
}

/** `--loglevel info`: one of a few words. */
export function oneOf<T extends string>(words: readonly T[], fallback: T): OptionKind<T> {
  return {
    fallback,
    shown: words.join('|'),
    words,
    read: (name, value) => {
      const word = words.find((known) => known === value)
      if (word !== undefined) return word
      throw new UsageError(`--${name} takes ${words.join(', ')}${not(value)}${didYouMean(value, words)}`)
    },
  }
}

/**
 * `--outboundthreshold 300`: a whole number, not negative.
 *
 * @param unit what is counted, for messages: `ms`
 */
export function wholeNumber(fallback: number, unit?: string): OptionKind<number> {
  return {
    fallback,
    shown: String(fallback),
    read: (name, value) => {
      if (/^\d{1,9}$/.test(value)) return Number(value)
      if (/^\d+$/.test(value)) throw new UsageError(`--${name} takes at most 999999999${not(value)}`)
      const what = unit === undefined ? 'a whole number' : `a whole number of ${unit}`
      throw new UsageError(`--${name} takes ${what}, such as ${fallback}${not(value)}`)
    },
  }
}

const LAST_PORT = 65_535

/**
 * `--port 5038`; undefined if not given.
 *
 * @param usual the one that a help text shows
 */
export function portNumber(usual: number): OptionKind<number | undefined> {
  return {
    fallback: undefined,
    shown: String(usual),
    read: (name, value) => {
      const port = /^\d{1,5}$/.test(value) ? Number(value) : 0
      if (port >= 1 && port <= LAST_PORT) return port
      throw new UsageError(`--${name} takes a whole number from 1 to ${LAST_PORT}${not(value)}`)
    },
  }
}

/** `--host 127.0.0.1`: a name or an address, and nothing around it. */
export function hostName(fallback: string): OptionKind<string> {
  return {
    fallback,
    shown: fallback,
    read: (name, value) => {
      if (isIPv6(value) || /^[\p{L}\p{N}_]([\p{L}\p{N}_.-]*[\p{L}\p{N}_.])?$/u.test(value)) return value
      // What stands before an @ may be a secret.
      const shown = value.includes('@') ? '' : not(value)
      throw new UsageError(`--${name} takes only a name or an address${shown}${hostMeant(name, value)}`)
    },
  }
}

/** How an address is written that came with more around it than its host: `pbx:5038`, `[::1]:5038`, `tcp://pbx`. */
function hostMeant(name: string, value: string): string {
  const [, user, address, host = address, port] =
    /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:([^@/]*)@)?(?:\[([^\]]+)\]|([^:/[\]@\s]+))(?::(\d+))?(?:\/.*)?$/i.exec(value) ?? []
  if (host === undefined) return ''
  const login = user ? ` --login ${user.replace(/:.*/s, '')}` : ''
  return `: write --${name} ${host}${port === undefined ? '' : ` --port ${port}`}${login}`
}

/** Where to listen. */
export interface ListenAddress {
  readonly host: string
  readonly port: number
}

/** `--metrics 127.0.0.1:9464`: where to listen. A port alone is one of the loopback; an IPv6 address is in brackets. */
export function listenAddress(): OptionKind<ListenAddress | undefined> {
  return {
    fallback: undefined,
    shown: 'HOST:PORT',
    read: (name, value) => {
      const [, address, host, digits] = /^(?:(?:\[(.+)\]|([\w.-]+)):)?(\d{1,5})$/.exec(value) ?? []
      const port = Number(digits)
      if (digits !== undefined && port <= LAST_PORT && (address === undefined || isIPv6(address))) {
        return { host: address ?? host ?? '127.0.0.1', port }
      }
      throw new UsageError(`--${name} takes HOST:PORT or PORT, such as 127.0.0.1:9464${not(value)}`)
    },
  }
}

/** `--hidden-channels RE`: a regular expression in RE2 syntax, which no text can make take forever. */
export function pattern(): OptionKind<RE2JS | undefined> {
  return {
    fallback: undefined,
    shown: 'RE',
    read: (name, value) => {
      if (value === '') throw new UsageError(`--${name} needs a regular expression`)
      return compilePattern(value, `--${name}`)
    },
  }
}

/** Which texts are chosen. */
export interface Choice {
  readonly matches: (text: string) => boolean
}

/** `--outbound-channels RE`, or `!RE` for all but these; undefined if not given: all. */
export function choice(): OptionKind<Choice | undefined> {
  const { read, shown } = pattern()
  return {
    fallback: undefined,
    shown,
    read: (name, value) => {
      const isTurnedRound = value.startsWith('!')
      const expression = read(name, isTurnedRound ? value.slice(1) : value)
      return { matches: (text) => expression?.matcher(text).find() !== isTurnedRound }
    },
  }
}

/**
 * @param where what to name in the message
 * @throws UsageError that shows what in the expression cannot be understood
 */
export function compilePattern(expression: string, where: string): RE2JS {
  const { RE2JS: Engine } = loadRe2()
  try {
    return Engine.compile(expression)
  } catch (error) {
    const { error: reason = (error as Error).message, input } = error as { error?: string; input?: string }
    const at = input ? `, at ${quoted(input)}` : ''
    throw new UsageError(`${where} ${quoted(expression)} is not a regular expression: ${reason}${at}`)
  }
}

function not(value: string): string {
  return value === '' ? '' : `, not ${quoted(value)}`
}
