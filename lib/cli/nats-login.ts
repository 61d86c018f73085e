import { certificatesOf, contentOf, secretFrom } from '../daemon/connect-options.ts'
import { FILES } from '../files/uses.ts'
import type { NatsPlace } from '../nats/address.ts'
import type { NatsLogin } from '../nats/link.ts'
import type { Log } from '../text/log.ts'

/** By what one is let in. */
export interface NatsSecrets {
  /** The file of the password, or of the token. */
  readonly secretFile: string | undefined
  /** What the environment or a settings file gives, where no file does. */
  readonly secret: string | undefined
  /** A file of credentials. */
  readonly creds: string | undefined
}

/**
 * @param log is warned of a secret that others can read
 * @throws FileProblem if a file cannot be read
 */
export function natsLogin({ tls }: NatsPlace, { secretFile, secret, creds }: NatsSecrets, log: Log): NatsLogin {
  return {
    password: secretFrom(secretFile, secret, log),
    creds: creds === undefined ? undefined : Buffer.from(contentOf(creds, FILES.credentials)),
    ca: tls?.ca === undefined ? undefined : certificatesOf(tls.ca),
  }
}
