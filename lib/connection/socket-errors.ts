import { ConnectionError } from './errors.ts'

const NO_TLS = 'this port does not speak TLS: that is tlsbindaddr in manager.conf, 5039 unless it says otherwise'

const REMEDIES: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there: is Asterisk running, with enabled = yes and this port in manager.conf?',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'the name of the host cannot be looked up at the moment',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  ETIMEDOUT: 'the host does not answer: is there a firewall between?',
  ECONNRESET: 'Asterisk reset the connection',
  EPIPE: 'Asterisk closed the connection',
  EPROTO: NO_TLS,
  ERR_SSL_WRONG_VERSION_NUMBER: NO_TLS,
  ERR_SSL_PACKET_LENGTH_TOO_LONG: NO_TLS,
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed: name it with --tls-ca',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is of a CA that is not known here: name that with --tls-ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is of a CA that is not known here: name that with --tls-ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is of a CA that is not known here: name that with --tls-ca',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: say which with --tls-servername',
}

/** What a socket's error means, and what can be done. */
export function lossOf(error: Error, { host, port }: { host: string; port: number }): ConnectionError {
  const { code = '' } = error as NodeJS.ErrnoException
  const remedy = REMEDIES[code] ?? error.message
  return new ConnectionError('passing', `${host}:${port}: ${remedy}${code === '' ? '' : ` (${code})`}`, {
    cause: error,
  })
}
