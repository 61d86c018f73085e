import { isIPv6 } from 'node:net'
import { didYouMean } from '../text/did-you-mean.ts'

/** Which database has a table, and by what schemes an address may name it. */
const SCHEMES = {
  mysql: 'mysql',
  mariadb: 'mysql',
  postgres: 'postgres',
  postgresql: 'postgres',
} as const

const USUAL_PORTS = { mysql: 3306, postgres: 5432 } as const
/** Longer names there are in neither database: bytes. */
const LONGEST_NAME = 64
const TAIL_SECRET_PLACE = 'in $QUEUELOGTAILSECRET, or in the file of --queuelog-tail-secret-file'
const KNOWN_PARAMETERS = ['socket', 'tls', 'tls-ca']

/** Where the table of a realtime queue_log is, and as whom it is read. */
export interface TablePlace {
  readonly kind: 'mysql' | 'postgres'
  /** As it was written: there is no secret in it. */
  readonly address: string
  readonly user: string
  readonly host: string
  readonly port: number
  /** The socket of a server on this machine, instead of host and port. */
  readonly socket: string | undefined
  /** Whether the connection is encrypted and the certificate checked, and against which file of certificates. */
  readonly tls: { readonly ca: string | undefined } | undefined
  readonly database: string
  /** In PostgreSQL a schema may stand before it: `schema.table`. */
  readonly table: readonly string[]
}

/** Whether a text is an address, and no path: `mysql://…`. */
export function isAddress(text: string): boolean {
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text)
}

/**
 * Reads `mysql://USER@HOST[:PORT]/DATABASE/TABLE[?tls=1&tls-ca=FILE&socket=FILE]`, or `postgres://…`. What is no letter of
 * such an address is written as `%40`.
 *
 * @param secretPlace where the password is instead
 * @returns the place, or a text that says what is wrong with it, and never shows it: there may be a secret in it
 */
export function readTablePlace(text: string, secretPlace = TAIL_SECRET_PLACE): TablePlace | string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? []
  const known = scheme.toLowerCase()
  if (!Object.hasOwn(SCHEMES, known)) {
    return `takes a file, or mysql:// or postgres://${didYouMean(known, Object.keys(SCHEMES))}`
  }
  const kind = SCHEMES[known as keyof typeof SCHEMES]
  const form = `takes ${known}://USER@HOST/DATABASE/TABLE`
  const [, userPart, hostPart = '', path = '', query = ''] =
    /^(?:(.*)@)?([^/?#@]*)(\/[^?#]*)?(?:\?([^#]*))?$/s.exec(rest) ?? []
  // A secret may hold any letter, also those that end a part of an address.
  if (userPart?.includes(':') || /^[^?]*:[^?]*@/s.test(rest)) {
    return `takes no password: everyone on this machine could read it (ps). Put it ${secretPlace}`
  }
  const parts = [userPart, ...path.split('/').slice(1)].map(decoded)
  const [user, database, table, ...more] = parts
  if (!user || !database || !table || more.length > 0) return form
  const names = kind === 'postgres' ? table.split('.') : [table]
  if (names.length > 2 || [user, database, ...names].some((name) => !isName(name))) {
    return `${form}, with names of up to ${LONGEST_NAME} letters`
  }
  const host = hostOf(hostPart, USUAL_PORTS[kind])
  const parameters = parametersOf(query)
  if (typeof parameters === 'string') return parameters
  if (host === undefined || (host.name === '' && parameters.socket === undefined))
    return `${form}: the host is missing or wrong`
  const place = { kind, address: text, user, host: host.name, port: host.port, database, table: names }
  return { ...place, ...parameters }
}

function hostOf(text: string, usualPort: number): { name: string; port: number } | undefined {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([\p{L}\p{N}_.-]*))(?::(\d{1,5}))?$/u.exec(text) ?? []
  const name = bracketed ?? plain
  const port = digits === undefined ? usualPort : Number(digits)
  if (name === undefined || port < 1 || port > 65_535) return undefined
  return bracketed !== undefined && !isIPv6(bracketed) ? undefined : { name, port }
}

function parametersOf(query: string): Pick<TablePlace, 'socket' | 'tls'> | string {
  const given = new URLSearchParams(query)
  const unknown = [...given.keys()].find((name) => !KNOWN_PARAMETERS.includes(name))
  if (unknown !== undefined)
    return `takes only ?${KNOWN_PARAMETERS.join('=, ')}=${didYouMean(unknown, KNOWN_PARAMETERS)}`
  const [tls, ca, socket] = [
    given.get('tls') ?? '0',
    given.get('tls-ca') || undefined,
    given.get('socket') || undefined,
  ]
  if (!/^[01]$/.test(tls)) return 'takes tls=1 or tls=0'
  if (ca !== undefined && tls === '0') return 'takes tls-ca= only with tls=1'
  if (socket !== undefined && tls === '1') return 'takes either socket= or tls=1: a socket does not leave this machine'
  return { socket, tls: tls === '1' ? { ca } : undefined }
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text === undefined ? undefined : decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function isName(text: string): boolean {
  return text !== '' && Buffer.byteLength(text) <= LONGEST_NAME && !/\p{Cc}/u.test(text)
}
