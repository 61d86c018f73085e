import { isIPv6 } from 'node:net'
import { isAddress, readTablePlace, type TablePlace } from '../queue-log/table-place.ts'
import { didYouMean } from '../text/did-you-mean.ts'

/** The position in a stream begins so; that in a file with a time. */
export const STREAM_PREFIX = 'nats '

/** Where JetStream is, and which of its streams is meant. */
export interface StreamPlace {
  readonly kind: 'nats'
  readonly servers: readonly string[]
  readonly user: string | undefined
  readonly stream: string
  /** What the subjects begin with; the name of a PBX follows. */
  readonly subject: string
  readonly tls: { readonly ca: string | undefined } | undefined
}

export type SinkPlace = { readonly kind: 'sql'; readonly table: TablePlace } | StreamPlace | { readonly kind: 'stdout' }
export type SourcePlace = { readonly kind: 'file'; readonly path: string } | StreamPlace

const NATS_PORT = 4222
const NATS_FORM = 'takes nats://[USER@]HOST[:PORT]/STREAM'
const USUAL_SUBJECT = 'queue_log'
const NATS_PARAMETERS = ['subject', 'tls', 'tls-ca']
const SINKS = ['mysql', 'mariadb', 'postgres', 'postgresql', 'nats']

/** Whether a host is this machine: what is said to it leaves it not. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

/**
 * Reads what `--to` says: `-`, `nats://…`, or the address of a database, with the table or without.
 *
 * @param table which one where the address names none
 * @returns a text that says what is wrong with it, and never shows it: there may be a secret in it
 */
export function readSinkPlace(text: string, table: string | undefined, usualTable: string): SinkPlace | string {
  if (text === '-') return { kind: 'stdout' }
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? []
  if (scheme.toLowerCase() === 'nats') return readStreamPlace(text, '--to')
  if (!SINKS.includes(scheme.toLowerCase())) {
    return `takes mysql://, postgres:// or nats://, or - for stdout${didYouMean(scheme.toLowerCase(), SINKS)}`
  }
  const [, base = text, path = '', query = ''] = /^([^/]*\/\/[^/?]*)([^?]*)(\?.*)?$/s.exec(text) ?? []
  const hasTable = path.split('/').filter((name) => name !== '').length > 1
  if (hasTable && table !== undefined) return 'names a table, and so does --table: leave one of them out'
  const whole = hasTable
    ? text
    : `${base}${path.replace(/\/+$/, '')}/${encodeURIComponent(table ?? usualTable)}${query}`
  const place = readTablePlace(whole, 'in $TOSECRET, or in the file of --to-secret-file')
  if (typeof place === 'string') return place
  const encrypted = withTls(place.host, place.socket !== undefined, place.tls, query)
  return typeof encrypted === 'string' ? encrypted : { kind: 'sql', table: { ...place, tls: encrypted.tls } }
}

/** Reads what `--from` says: a file, or `nats://…`. */
export function readSourcePlace(text: string): SourcePlace | string {
  if (!isAddress(text)) return { kind: 'file', path: text }
  if (/^nats:/i.test(text)) return readStreamPlace(text, '--from')
  return 'takes a file, or nats://'
}

function readStreamPlace(text: string, option: string): StreamPlace | string {
  const [, userPart, hosts = '', path = '', query = ''] =
    /^nats:\/\/(?:(.*)@)?([^/?#@]*)(\/[^?#]*)?(\?[^#]*)?$/is.exec(text) ?? []
  if (userPart?.includes(':') || /^nats:\/\/[^?]*:[^?]*@/is.test(text)) {
    const name = option.slice(2)
    return `takes no password: everyone on this machine could read it (ps). It is in $${name.toUpperCase()}SECRET, or in the file of --${name}-secret-file`
  }
  const stream = path.slice(1)
  if (!/^[\w-]{1,64}$/.test(stream)) return NATS_FORM
  const given = new URLSearchParams(query)
  const unknown = [...given.keys()].find((name) => !NATS_PARAMETERS.includes(name))
  if (unknown !== undefined)
    return `takes ?${NATS_PARAMETERS.join('=, ')}= alone${didYouMean(unknown, NATS_PARAMETERS)}`
  const subject = given.get('subject') ?? USUAL_SUBJECT
  if (!/^[\w-]+(\.[\w-]+)*$/.test(subject)) return 'takes a subject of letters, digits, _ and -, with dots between'
  const parsed = hosts.split(',').map(serverOf)
  const servers = parsed.filter((server) => server !== undefined)
  if (servers.length === 0 || servers.length < parsed.length) return `${NATS_FORM}: which host?`
  const ca = given.get('tls-ca') || undefined
  const tls = given.get('tls') === '1' || ca !== undefined ? { ca } : undefined
  const remote = servers.find(({ host }) => !isLoopback(host))
  const encrypted = withTls(remote?.host ?? 'localhost', false, tls, query)
  if (typeof encrypted === 'string') return encrypted
  return { kind: 'nats', servers: servers.map(({ url }) => url), user: userPart, stream, subject, tls: encrypted.tls }
}

function serverOf(text: string): { host: string; url: string } | undefined {
  const [, bracketed, plain, digits = String(NATS_PORT)] =
    /^(?:\[([^\]]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || (bracketed !== undefined && !isIPv6(bracketed))) return undefined
  return { host, url: `${bracketed === undefined ? host : `[${host}]`}:${digits}` }
}

/** Beyond this machine everything is encrypted, and the certificate checked. */
function withTls(
  host: string,
  isSocket: boolean,
  tls: { readonly ca: string | undefined } | undefined,
  query: string,
): { tls: { readonly ca: string | undefined } | undefined } | string {
  if (tls !== undefined || isSocket || isLoopback(host)) return { tls }
  if (/[?&]tls=0(&|$)/.test(query))
    return 'takes tls=0 only on this machine: anyone on the network could read the lines'
  return { tls: { ca: undefined } }
}
