import { ConnectionError } from './errors.ts'

/** What a code means, and the remedy, if there is one. */
interface Meaning {
  readonly what: string
  readonly remedy?: string
}

const NO_TLS: Meaning = {
  what: 'this port does not speak TLS',
  remedy: 'use the TLS port (tlsbindaddr in manager.conf, usually 5039)',
}
const UNKNOWN_CA: Meaning = {
  what: 'this machine does not know the CA of its certificate',
  remedy: 'name the CA with --tls-ca',
}

const MEANINGS: Readonly<Record<string, Meaning>> = {
  ECONNREFUSED: {
    what: 'no program listens there',
    remedy: 'check that Asterisk runs, with enabled = yes and this port in manager.conf',
  },
  ENOTFOUND: { what: 'no host has this name' },
  EAI_AGAIN: { what: 'the name of the host cannot be resolved at the moment' },
  EHOSTUNREACH: { what: 'the host cannot be reached' },
  ENETUNREACH: { what: 'the network cannot be reached' },
  ETIMEDOUT: { what: 'the host does not answer', remedy: 'check whether a firewall blocks it' },
  ECONNRESET: { what: 'Asterisk reset the connection' },
  EPIPE: { what: 'Asterisk closed the connection' },
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  DEPTH_ZERO_SELF_SIGNED_CERT: { what: 'its certificate is self-signed', remedy: 'name it with --tls-ca' },
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_CA,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_CA,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_CA,
  CERT_HAS_EXPIRED: { what: 'its certificate has expired' },
  ERR_TLS_CERT_ALTNAME_INVALID: {
    what: 'its certificate is for another name',
    remedy: 'give that name with --tls-servername',
  },
}

/** What a socket's error means, and the remedy. */
export function lossOf(error: Error, { host, port }: { host: string; port: number }): ConnectionError {
  const { code = '' } = error as NodeJS.ErrnoException
  const { what, remedy }: Meaning = MEANINGS[code] ?? { what: error.message }
  const text = remedy === undefined ? what : `${what}: ${remedy}`
  return new ConnectionError('passing', `${host}:${port}: ${text}${code === '' ? '' : ` (${code})`}`, {
    cause: error,
    ...(remedy === undefined ? {} : { remedy }),
  })
}
