import { readFileSync, statSync } from 'node:fs'
import {
  AUTH_MANNERS,
  CONNECTION_DEFAULTS,
  type ConnectionSettings,
  PORT,
  connectionSettings as settingsOf,
} from '../connection/settings.ts'
import { problemOf } from '../files/check-file.ts'
import { type FileProblem, UnfitFile } from '../files/file-problem.ts'
import type { FileUse } from '../files/file-use.ts'
import { nodeCrypto } from '../files/node-crypto.ts'
import { FILES } from '../files/uses.ts'
import {
  file,
  hostName,
  type OptionValues,
  oneOf,
  onOff,
  portNumber,
  text,
  UsageError,
  wholeNumber,
} from '../options/kinds.ts'
import type { Log } from '../text/log.ts'
import { LOG_LEVELS } from '../text/log-levels.ts'

export const logOptions = { loglevel: oneOf(LOG_LEVELS, 'info'), logfile: file(FILES.log) }

/** How Asterisk's manager is reached. */
export const connectOptions = {
  host: hostName(CONNECTION_DEFAULTS.host),
  port: portNumber(PORT),
  login: text('LOGIN'),
  secret: text('SECRET'),
  'secret-file': file(FILES.secret),
  auth: oneOf(AUTH_MANNERS, CONNECTION_DEFAULTS.auth),
  tls: onOff(false),
  'tls-ca': file(FILES.certificate),
  'tls-servername': text('NAME'),
  pinginterval: wholeNumber(CONNECTION_DEFAULTS.pingIntervalMs, 'ms'),
  deadpeerlimit: wholeNumber(CONNECTION_DEFAULTS.deadPeerMs, 'ms'),
}

/** Those of ami-connect. */
export const amiConnectOptions = {
  ...connectOptions,
  ...logOptions,
  noeventblacklisting: onOff(false),
  debugfile: file(FILES.debug),
}

export type ConnectValues = OptionValues<typeof connectOptions>

/** The signs of life that trackers give each other are user events. */
const BEAT_CLASS = 'user'

/** The events that are asked for at the login. */
export interface WantedEvents {
  readonly events: 'tracked' | 'all' | 'none'
  /** Whether those of other trackers are wanted as well. */
  readonly beats: boolean
}

/** The secrets of a PBX that no option gives, by the names of the variables of the environment that have them else. */
export interface PbxSecrets {
  readonly AMISECRET?: string | undefined
  readonly QUEUELOGTAILSECRET?: string | undefined
}

/** @throws UsageError if something is missing or contradicts itself */
export function assertConnectable(values: ConnectValues, { AMISECRET }: PbxSecrets): void {
  for (const fault of connectFaults(values, AMISECRET)) throw new UsageError(fault)
}

/**
 * All that is missing or contradicts itself.
 *
 * @param otherSecret the one that no option gives
 */
export function* connectFaults(values: ConnectValues, otherSecret: string | undefined): Generator<string> {
  const { login, tls, pinginterval, deadpeerlimit, secret } = values
  if (login === undefined) yield '--login is missing: give a user of manager.conf'
  if (pinginterval < 1) yield '--pinginterval must be at least 1 ms'
  if (deadpeerlimit <= pinginterval) {
    yield `--deadpeerlimit ${deadpeerlimit} must be longer than --pinginterval ${pinginterval} (ms)`
  }
  const { 'tls-ca': caFile, 'tls-servername': servername, 'secret-file': secretFile } = values
  if (!tls && (caFile ?? servername) !== undefined) yield '--tls-ca and --tls-servername need --tls 1'
  if (secret !== undefined && secretFile !== undefined) {
    yield 'both --secret and --secret-file give the secret: remove one of them'
  }
  if (!(secret ?? secretFile ?? otherSecret))
    yield 'the secret is missing: set $AMISECRET, or use --secret-file or --secret'
}

/**
 * @param log is warned of a secret that others can read
 * @throws UsageError if something is missing or contradicts itself
 * @throws FileProblem if a file that is named cannot be read, or has nothing of use in it
 */
export function connectionSettings(
  values: ConnectValues,
  { events, beats }: WantedEvents,
  log: Log,
  secrets: PbxSecrets,
): ConnectionSettings {
  assertConnectable(values, secrets)
  const { host, port, login = '', auth, tls, pinginterval, deadpeerlimit } = values
  const { 'tls-ca': caFile, 'tls-servername': servername } = values
  const { eventMask, overflowEventMask } = CONNECTION_DEFAULTS
  return settingsOf({
    host,
    port,
    login,
    secret: secretOf(values, log, secrets),
    auth,
    tls: tls && { ...(caFile ? { ca: certificatesOf(caFile) } : {}), ...(servername ? { servername } : {}) },
    eventMask: { tracked: beats ? `${eventMask},${BEAT_CLASS}` : eventMask, all: 'on', none: 'off' }[events],
    overflowEventMask: beats ? BEAT_CLASS : overflowEventMask,
    pingIntervalMs: pinginterval,
    deadPeerMs: deadpeerlimit,
    resynchronises: events !== 'none',
  })
}

function secretOf({ secret, 'secret-file': file }: ConnectValues, log: Log, { AMISECRET }: PbxSecrets): string {
  if (secret !== undefined) {
    log.warn('everyone on this machine can read --secret (ps). Set $AMISECRET or use --secret-file instead')
    return secret
  }
  return secretFrom(file, AMISECRET, log) ?? ''
}

/**
 * A secret: what stands in a file, if one is named.
 *
 * @param other what the environment or a settings file gives, where no file does; empty is none
 * @param log is warned of a file that everyone can read
 * @throws FileProblem if there is none in the file
 */
export function secretFrom(file: string | undefined, other: string | undefined, log: Log): string | undefined {
  return file === undefined ? other || undefined : readSecret(file, log)
}

function readSecret(file: string, log: Log): string {
  const content = secretIn(file)
  warnOfReaders(file, FILES.secret, log)
  return content
}

/** Warns of a file with a secret that everyone can read. */
export function warnOfReaders(file: string, { what }: FileUse, log: Log): void {
  if ((statSync(file).mode & 0o004) === 0) return
  log.warn(`everyone on this machine can read ${what} ${file}: run chmod o-r on it`)
}

/** @throws FileProblem if there is none in the file */
export function secretIn(file: string, use: FileUse = FILES.secret): string {
  const [content = ''] = contentOf(file, use).split(/\r?\n/, 1)
  if (content === '') throw unfit(file, use, 'its first line is empty: write the secret there')
  return content
}

/** @throws FileProblem if there is none in the file */
export function certificatesOf(file: string): string {
  const pem = contentOf(file, FILES.certificate)
  try {
    ;new (nodeCrypto().X509Certificate)(pem)
    return pem
  } catch {
    throw unfit(file, FILES.certificate, 'it contains no certificate in PEM format')
  }
}

/** @throws FileProblem if it cannot be read */
export function contentOf(file: string, use: FileUse): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw problemOf(error, file, use)
  }
}

function unfit(file: string, use: FileUse, reason: string): FileProblem {
  return problemOf(new UnfitFile(reason), file, use, { cannotBe: 'used' })
}
