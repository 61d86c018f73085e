import { isIPv6 } from 'node:net'
import type { RE2JS } from 're2js'
import type { FileUse } from './files/file-use.ts'
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
  /** What is done with the file that the option names. */
  file?: FileUse
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

/** `--queuelog FILE`: an option that names a file or a folder; undefined if not given. */
export function file(use: FileUse): OptionKind<string | undefined> {
  return { ...text(use.way === 'folder' ? 'DIR' : 'FILE'), file: use }
}

/** `--call UNIQUEID`; undefined if not given. */
export function text(what: string): OptionKind<string | undefined> {
  return {
    fallback: undefined,
    read: (name, value) => {
      if (value === '') throw new UsageError(`--${name} needs a ${what}`)
      return value
    },
  }
}

/** `--host 127.0.0.1`: a text that has a default. */
export function textOr(fallback: string, what: string): OptionKind<string> {
  const { read } = text(what)
  return { fallback, read: (name, value) => read(name, value) ?? fallback }
}

/** `--loglevel info`: one of a few words. */
export function oneOf<T extends string>(words: readonly T[], fallback: T): OptionKind<T> {
  return {
    fallback,
    read: (name, value) => {
      const word = words.find((known) => known === value)
      if (word !== undefined) return word
      throw new UsageError(`--${name} takes ${words.join(', ')}${value === '' ? '' : `, not ${quoted(value)}`}`)
    },
  }
}

/** `--outboundthreshold 300`: a whole number, not negative. */
export function wholeNumber(fallback: number): OptionKind<number> {
  return {
    fallback,
    read: (name, value) => {
      if (/^\d{1,9}$/.test(value)) return Number(value)
      throw new UsageError(`--${name} takes a whole number${value === '' ? '' : `, not ${quoted(value)}`}`)
    },
  }
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
    read: (name, value) => {
      const [, address, host, digits] = /^(?:(?:\[(.+)\]|([\w.-]+)):)?(\d{1,5})$/.exec(value) ?? []
      const port = Number(digits)
      if (digits !== undefined && port <= 65_535 && (address === undefined || isIPv6(address))) {
        return { host: address ?? host ?? '127.0.0.1', port }
      }
      throw new UsageError(`--${name} takes HOST:PORT or PORT${value === '' ? '' : `, not ${quoted(value)}`}`)
    },
  }
}

/** `--hidden-channels RE`: a regular expression in RE2 syntax, which no text can make take forever. */
export function pattern(): OptionKind<RE2JS | undefined> {
  return {
    fallback: undefined,
    read: (name, value) => {
      if (value === '') throw new UsageError(`--${name} needs a regular expression`)
      return compilePattern(value, `--${name}`)
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
    throw new UsageError(`${where} ${quoted(expression)} is no regular expression: ${reason}${at}`)
  }
}

/** A text as it stands in a message. */
export function quoted(argument: string): string {
  return JSON.stringify(argument.length > 80 ? `${argument.slice(0, 80)}…` : argument)
}
