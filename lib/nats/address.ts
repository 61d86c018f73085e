import { isIPv6 } from 'node:net'
import { didYouMean } from '../text/did-you-mean.ts'
import { isLoopback } from '../text/loopback.ts'

/** Where servers of NATS are, and as whom one is there. */
export interface NatsPlace {
  /** `HOST:PORT` of each. */
  readonly servers: readonly string[]
  readonly user: string | undefined
  readonly tls: { readonly ca: string | undefined } | undefined
}

/** What stands in an address besides. */
export interface NatsAddress extends NatsPlace {
  /** Behind the first slash. */
  readonly name: string
  /** Behind the question mark. */
  readonly parameters: URLSearchParams
}

/** How an address is meant, for messages. */
export interface NatsForm {
  /** What {@link NatsAddress.name} is called: `STREAM`. */
  readonly what: string
  /** Where a password belongs: `$TOSECRET, or in the file of --to-secret-file`. */
  readonly secret: string
  /** Parameters of its own. */
  readonly more?: readonly string[]
}

const PORT = 4222
const TLS_PARAMETERS = ['tls', 'tls-ca']

/**
 * Reads `nats://[USER@]HOST[:PORT][,HOST…]/NAME[?…]`. Beyond this machine everything is encrypted, and the certificate checked.
 *
 * @returns a text that says what is wrong with it, and never shows it: there may be a secret in it
 */
export function readNatsAddress(text: string, { what, secret, more = [] }: NatsForm): NatsAddress | string {
  const form = `takes nats://[USER@]HOST[:PORT]/${what}`
  const [, user, hosts = '', path = '', query = ''] =
    /^nats:\/\/(?:(.*)@)?([^/?#@]*)(\/[^?#]*)?(\?[^#]*)?$/is.exec(text) ?? []
  if (user?.includes(':') || /^nats:\/\/[^?]*:[^?]*@/is.test(text)) {
    return `takes no password: everyone on this machine could read it (ps). Put it in ${secret}`
  }
  const name = path.slice(1)
  if (!/^[\w-]{1,64}$/.test(name)) return form
  const parameters = new URLSearchParams(query)
  const known = [...more, ...TLS_PARAMETERS]
  const unknown = [...parameters.keys()].find((one) => !known.includes(one))
  if (unknown !== undefined) return `takes only ?${known.join('=, ')}=${didYouMean(unknown, known)}`
  const parsed = hosts.split(',').map(serverOf)
  const servers = parsed.filter((server) => server !== undefined)
  if (servers.length === 0 || servers.length < parsed.length) return `${form}: the host is missing or wrong`
  const ca = parameters.get('tls-ca') || undefined
  const asked = parameters.get('tls') === '1' || ca !== undefined ? { ca } : undefined
  const remote = servers.find(({ host }) => !isLoopback(host))
  if (remote !== undefined && asked === undefined && parameters.get('tls') === '0') {
    return 'takes tls=0 only for this machine: everyone on the network could read the data'
  }
  const tls = asked ?? (remote === undefined ? undefined : { ca: undefined })
  return { servers: servers.map(({ url }) => url), user, tls, name, parameters }
}

function serverOf(text: string): { host: string; url: string } | undefined {
  const [, bracketed, plain, digits = String(PORT)] = /^(?:\[([^\]]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host === undefined || (bracketed !== undefined && !isIPv6(bracketed))) return undefined
  return { host, url: `${bracketed === undefined ? host : `[${host}]`}:${digits}` }
}
