import { readFileSync } from 'node:fs'
import { TAIL_SECRET } from '../daemon/tail-options.ts'
import { checkFile, problemOf } from '../files/check-file.ts'
import { FILES } from '../files/uses.ts'
import { UsageError } from '../options/kinds.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import type { TrackerEntry } from '../trackers/row.ts'
import { trackers } from '../trackers/table.ts'

/** The keys of a settings file and their options: the vendor's, those for what the vendor's program lacks, and those of trackers. */
export const SETTINGS: Readonly<Record<string, string>> = {
  LOGFILE: 'logfile',
  PIDFILE: 'pid',
  AMIHOST: 'host',
  AMIPORT: 'port',
  AMIUSER: 'login',
  AMISECRET: 'secret',
  DEBUGFILE: 'debugfile',
  NOEVENTBLACKLISTING: 'noeventblacklisting',
  SECRETFILE: 'secret-file',
  AMIAUTH: 'auth',
  AMITLS: 'tls',
  AMITLSCA: 'tls-ca',
  AMITLSSERVERNAME: 'tls-servername',
  PINGINTERVAL: 'pinginterval',
  DEADPEERLIMIT: 'deadpeerlimit',
  QUEUELOG: 'queuelog',
  QUEUELOGTAIL: 'queuelog-tail',
  QUEUELOGTAILSECRET: 'queuelog-tail-secret',
  QUEUELOGTAILSECRETFILE: 'queuelog-tail-secret-file',
  STATE: 'state',
  STANDBY: 'standby',
  METRICS: 'metrics',
  CONTROL: 'control',
  LIVE: 'live',
  LIVETOKENFILE: 'live-token-file',
  LOGLEVEL: 'loglevel',
  WATCH: 'watch',
  FLEET: 'fleet',
  MEMBER: 'member',
  FLEETSECRET: 'fleet-secret',
  FLEETSECRETFILE: 'fleet-secret-file',
  NATSCREDS: 'nats-creds',
  REPLICAS: 'replicas',
  PRESET: 'preset',
  ...Object.fromEntries(trackers.flatMap((entry) => keysOf(entry))),
}

/** What the settings call a secret, with the variable of the environment that has it else: the key of a settings file as well. */
export const SECRETS = [
  { option: 'secret', variable: 'AMISECRET' },
  { option: 'queuelog-tail-secret', variable: TAIL_SECRET },
  { option: 'fleet-secret', variable: 'FLEETSECRET' },
  { option: 'from-secret', variable: 'FROMSECRET' },
  { option: 'to-secret', variable: 'TOSECRET' },
] as const

/** The secrets that no option gives, by the names of the variables of the environment that have them else. */
export type OtherSecrets = { readonly [variable in (typeof SECRETS)[number]['variable']]?: string | undefined }

/** What a tracker adds to the keys. */
function keysOf({ key, option, options }: TrackerEntry): [key: string, option: string][] {
  return [[key, option], ...Object.entries(options).map(([name, own]): [string, string] => [own.key, name])]
}

/** Keys that the vendor's file has and that mean nothing here: the pid file does what that one was for. */
const WITHOUT_MEANING = new Set(['LOCKFILE'])

/** What stands in a settings file for an option, and where, for messages. */
export interface Setting {
  key: string
  text: string
  where: string
}

/**
 * Reads a settings file: `KEY=value` lines as a shell reads them, but that nothing is expanded. A key without a value
 * counts as not there; of one that stands twice, the last.
 *
 * @param onUnknown told of each line that says nothing to this program
 * @param onBroken told of each line that is none
 * @param keys which keys there are, and the option of each
 * @returns the settings by the names of their options
 * @throws FileProblem if the file cannot be read
 * @throws UsageError for the first line that is none, if nobody is told of it
 */
export function readSettings(
  path: string,
  onUnknown: (text: string) => void,
  onBroken: (text: string) => void = refuse,
  keys: Readonly<Record<string, string>> = SETTINGS,
): Map<string, Setting> {
  return parseSettings(contentOf(path), path, onUnknown, onBroken, keys)
}

/**
 * Reads the text of a settings file.
 *
 * @param from where it stands, for messages
 * @param onUnknown and the rest: as {@link readSettings}
 */
export function parseSettings(
  text: string,
  from: string,
  onUnknown: (text: string) => void,
  onBroken: (text: string) => void = refuse,
  keys: Readonly<Record<string, string>> = SETTINGS,
): Map<string, Setting> {
  const settings = new Map<string, Setting>()
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (/^\s*(#|$)/.test(line)) continue
    const where = `line ${index + 1} of ${from}`
    const [, key, rest] = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$/.exec(line) ?? []
    // The line itself is not shown: it may be a secret that was broken in two.
    const value = rest === undefined ? undefined : wordOf(rest)
    if (key === undefined || value === undefined) {
      onBroken(
        key === undefined
          ? `${where} does not have the form KEY=value`
          : `${where}: the value of ${key} has several words: put it in quotes`,
      )
      continue
    }
    const option = Object.hasOwn(keys, key) ? keys[key] : undefined
    if (option === undefined) {
      if (WITHOUT_MEANING.has(key)) continue
      onUnknown(`${where}: ${key} is unknown and has no effect${didYouMean(key, Object.keys(keys))}`)
    } else if (value === '') settings.delete(option)
    else settings.set(option, { key, text: value, where: `${where}: ${key}` })
  }
  return settings
}

function refuse(text: string): never {
  throw new UsageError(text)
}

const WORD_PARTS = /'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\]+)/gy

/** The first word of a text, its quotes taken off; undefined if more than a comment follows, or a quote is open. */
function wordOf(text: string): string | undefined {
  let word = ''
  let end = 0
  WORD_PARTS.lastIndex = 0
  for (const [part, single, double, escaped, plain] of text.matchAll(WORD_PARTS)) {
    end += part.length
    word += single ?? double?.replace(/\\([$`"\\])/g, '$1') ?? escaped ?? plain
  }
  return /^\s*$|^\s+#/.test(text.slice(end)) ? word : undefined
}

function contentOf(path: string): string {
  checkFile(path, FILES.settings)
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw problemOf(error, path, FILES.settings)
  }
}
