import {
  aFlag,
  aName,
  anObjectWith,
  aSecret,
  aText,
  aWholeNumber,
  checkOptions,
  type Expected,
  oneOfThese,
} from '../text/expected.ts'
import type { SessionSettings } from './session.ts'
import type { Turns } from './turns.ts'
import type { WaitingPool } from './waiting-pool.ts'

/** How a connection to Asterisk's manager is made and kept. Only `login` and `secret` have no default. */
export interface ConnectionOptions {
  /** The user of manager.conf. */
  login: string
  /** Its secret. */
  secret: string
  /**
   * A name or an address.
   *
   * @defaultValue '127.0.0.1'
   */
  host?: string | undefined
  /** Default 5038; 5039 with {@link ConnectionOptions.tls}. */
  port?: number | undefined
  /**
   * `'md5'` sends the secret as it is only where nobody can read it on its way: by TLS, or within this machine.
   *
   * @defaultValue 'md5'
   */
  auth?: 'md5' | 'plain' | undefined
  /**
   * Encrypts, and checks the server's certificate: with `true` as this machine trusts them. `ca` are the certificates to trust
   * instead, in PEM; `servername` is the name that the certificate must be for, by default the host.
   *
   * @defaultValue false
   */
  tls?: boolean | { ca?: string | undefined; servername?: string | undefined } | undefined
  /**
   * The classes of events that Asterisk is asked for. The trackers read those of the default; `'on'` is all.
   *
   * @defaultValue 'system,call,agent'
   */
  eventMask?: string | undefined
  /**
   * After how many ms of silence the server is asked for a sign of life.
   *
   * @defaultValue 10000
   */
  pingIntervalMs?: number | undefined
  /**
   * After how many ms of silence the connection is given up, and made again. More than `pingIntervalMs`.
   *
   * @defaultValue 30000
   */
  deadPeerMs?: number | undefined
  /**
   * How many ms a connection may take from its beginning to the answer to the login.
   *
   * @defaultValue 10000
   */
  loginTimeoutMs?: number | undefined
  /**
   * How many bytes of events may wait for a slow reader. Above that, events are lost: it connects again, and asks for events
   * again when half of these are read. The default is some 170,000 events.
   *
   * @defaultValue 67108864
   */
  maxWaitingBytes?: number | undefined
  /**
   * Whether the stream has the lists of the server after each login, so that no call is missed or kept forever.
   *
   * @defaultValue true
   */
  resynchronises?: boolean | undefined
  /**
   * How many ms must pass, at least, before a damaged message makes it ask for the lists again.
   *
   * @defaultValue 10000
   */
  relistMs?: number | undefined
  /**
   * The event classes that are requested while the reader is too slow.
   *
   * @defaultValue 'off'
   */
  overflowEventMask?: string | undefined
  /**
   * If it is one of many connections in a process: what they share.
   *
   * @internal
   */
  shared?: SharedByConnections | undefined
}

/** The same, with all that has a default. */
export interface ConnectionSettings extends SessionSettings {
  maxWaitingBytes: number
  resynchronises: boolean
  relistMs: number
  overflowEventMask: string
  shared?: SharedByConnections | undefined
}

/** What the connections of a process share. */
export interface SharedByConnections {
  /** Turns to connect: many connections that lost their servers at once do not come back at once. */
  readonly turns: Turns
  /** How much may wait in all of them for slow readers. */
  readonly pool: WaitingPool
}

export const PORT = 5038
export const TLS_PORT = 5039

export const AUTH_MANNERS = ['md5', 'plain'] as const

/** What a connection is like where nobody says otherwise, also on the command line. */
export const CONNECTION_DEFAULTS = {
  host: '127.0.0.1',
  auth: 'md5',
  /** The classes of all events that a tracker reads: Asterisk itself leaves the others out. */
  eventMask: 'system,call,agent',
  pingIntervalMs: 10_000,
  deadPeerMs: 30_000,
  loginTimeoutMs: 10_000,
  /** Some 170,000 events, or minutes of a very busy PBX. */
  maxWaitingBytes: 64 * 1024 * 1024,
  resynchronises: true,
  /** A caller who makes Asterisk send damaged messages must not make it list all calls all the time. */
  relistMs: 10_000,
  overflowEventMask: 'off',
} as const

/** The greatest delay of a timer. */
const MAX_MS = 2 ** 31 - 1
const ms = aWholeNumber({ from: 1, to: MAX_MS, unit: 'ms' })

const EXPECTED: Readonly<Record<keyof ConnectionOptions, Expected>> = {
  login: aName,
  secret: aSecret,
  host: aName,
  port: aWholeNumber({ from: 1, to: 65_535 }),
  auth: oneOfThese(AUTH_MANNERS),
  tls: { what: 'true, false, or an object with ca or servername', fits: (value) => aFlag.fits(value) || isTls(value) },
  eventMask: aName,
  pingIntervalMs: ms,
  deadPeerMs: ms,
  loginTimeoutMs: ms,
  maxWaitingBytes: aWholeNumber({ from: 1, unit: 'bytes' }),
  resynchronises: aFlag,
  relistMs: ms,
  overflowEventMask: aName,
  shared: anObjectWith(['turns', 'pool']),
}

function isTls(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.entries(value).every(
      ([name, part]) => ['ca', 'servername'].includes(name) && (part === undefined || aText.fits(part)),
    )
  )
}

/**
 * The settings of a connection, those that are not given at their defaults.
 *
 * @throws TypeError that names an option which does not exist, is missing, or has a value of a wrong kind
 */
export function connectionSettings(options: ConnectionOptions): ConnectionSettings {
  checkOptions('AmiConnection', options, EXPECTED, ['login', 'secret'])
  const { tls, ...given } = options
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const settings = {
    ...CONNECTION_DEFAULTS,
    port: tls ? TLS_PORT : PORT,
    ...(said as { login: string; secret: string }),
    ...(tls ? { tls: tls === true ? {} : tls } : {}),
  }
  const { pingIntervalMs, deadPeerMs } = settings
  if (deadPeerMs <= pingIntervalMs) {
    throw new TypeError(
      `AmiConnection: deadPeerMs ${deadPeerMs} must be more than pingIntervalMs ${pingIntervalMs} (both in ms)`,
    )
  }
  return settings
}
