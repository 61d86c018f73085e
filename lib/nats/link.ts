import type { NatsConnection } from '@nats-io/transport-node'
import { Hopeless } from '../text/exit.ts'
import type { NatsPlace } from './address.ts'

/** A server that does not answer for so long, in ms, is given up. */
export const PATIENCE_MS = 5000
/** A connection that was lost is made again after so long, in ms. */
const RECONNECT_MS = 250
/** A connection on which nobody answers is given up after two of these: ms. */
const PING_MS = 10_000

/** Of the server: there is no such stream. */
export const NO_SUCH_STREAM = 10059

export interface NatsLogin {
  readonly password: string | undefined
  /** A file of credentials, as nsc makes it. */
  readonly creds: Buffer | undefined
  /** The certificates to trust, in PEM. */
  readonly ca: string | undefined
}

/**
 * Connects to one of the servers.
 *
 * @param reconnects whether a connection that is lost is made again, forever; else it stays lost
 * @throws Error if no server answers; {@link Hopeless} if they do not let us in
 */
export async function connectTo(
  place: NatsPlace,
  { password, creds, ca }: NatsLogin,
  reconnects = false,
): Promise<NatsConnection> {
  // Who ships into no stream has no need of it.
  const { connect, credsAuthenticator } = await import('@nats-io/transport-node')
  const { servers, user, tls } = place
  try {
    const connection = await connect({
      servers: [...servers],
      name: 'ami-track',
      reconnect: reconnects,
      maxReconnectAttempts: -1,
      // Else the second refusal in its life would end it for good.
      ignoreAuthErrorAbort: reconnects,
      reconnectTimeWait: RECONNECT_MS,
      timeout: PATIENCE_MS,
      pingInterval: PING_MS,
      maxPingOut: 2,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : user === undefined ? { token: password } : { pass: password }),
      ...(creds === undefined ? {} : { authenticator: credsAuthenticator(creds) }),
      ...(tls === undefined ? {} : { tls: ca === undefined ? {} : { ca } }),
    })
    return connection
  } catch (error) {
    const { name, message } = error as Error
    if (/Authorization|Authentication/.test(name)) {
      throw new Hopeless(`the NATS server refuses the user ${user ?? '(none)'}: ${message}`)
    }
    throw new Error(`no NATS server answers at ${servers.join(', ')} (${message})`)
  }
}
