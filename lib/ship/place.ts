import { type NatsPlace, readNatsAddress } from '../nats/address.ts'
import { isAddress, readTablePlace, type TablePlace } from '../queue-log/table-place.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import { isLoopback } from '../text/loopback.ts'

/** The position in a stream begins so; that in a file with a time. */
export const STREAM_PREFIX = 'nats '

/** Where JetStream is, and which of its streams is meant. */
export interface StreamPlace extends NatsPlace {
  readonly kind: 'nats'
  readonly stream: string
  /** What the subjects begin with; the name of a PBX follows. */
  readonly subject: string
}

export type SinkPlace = { readonly kind: 'sql'; readonly table: TablePlace } | StreamPlace | { readonly kind: 'stdout' }
export type SourcePlace = { readonly kind: 'file'; readonly path: string } | StreamPlace

const USUAL_SUBJECT = 'queue_log'
const SINKS = ['mysql', 'mariadb', 'postgres', 'postgresql', 'nats']

/**
 * Reads what `--to` says: `-`, `nats://…`, or the address of a database, with the table or without.
 *
 * @param table which one where the address names none
 * @returns a text that says what is wrong with it, and never shows it: there may be a secret in it
 */
export function readSinkPlace(text: string, table: string | undefined, usualTable: string): SinkPlace | string {
  if (text === '-') return { kind: 'stdout' }
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text) ?? []
  if (scheme.toLowerCase() === 'nats') return readStreamPlace(text, 'to')
  if (!SINKS.includes(scheme.toLowerCase())) {
    return `takes mysql://, postgres:// or nats://, or - for stdout${didYouMean(scheme.toLowerCase(), SINKS)}`
  }
  const [, base = text, path = '', query = ''] = /^([^/]*\/\/[^/?]*)([^?]*)(\?.*)?$/s.exec(text) ?? []
  const hasTable = path.split('/').filter((name) => name !== '').length > 1
  if (hasTable && table !== undefined) return 'names a table, and --table also names one: remove one of them'
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
  if (/^nats:/i.test(text)) return readStreamPlace(text, 'from')
  return 'takes a file or nats://'
}

function readStreamPlace(text: string, option: 'from' | 'to'): StreamPlace | string {
  const secret = `$${option.toUpperCase()}SECRET, or in the file of --${option}-secret-file`
  const address = readNatsAddress(text, { what: 'STREAM', secret, more: ['subject'] })
  if (typeof address === 'string') return address
  const { servers, user, tls, name: stream, parameters } = address
  const subject = parameters.get('subject') ?? USUAL_SUBJECT
  if (!/^[\w-]+(\.[\w-]+)*$/.test(subject)) return 'takes a subject of letters, digits, _, - and dots between them'
  return { kind: 'nats', servers, user, stream, subject, tls }
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
    return 'takes tls=0 only for this machine: everyone on the network could read the lines'
  return { tls: { ca: undefined } }
}
