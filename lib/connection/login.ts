import type { ActionHeaders } from '../ami/action.ts'
import type { AmiMessage } from '../ami/message.ts'
import { ConnectionError } from './errors.ts'
import type { Secrets } from './secrets.ts'

/** `md5` sends the secret in plain text only if nobody can read it on the way: with TLS, or on this machine. */
export type AuthManner = 'md5' | 'plain'

export interface LoginSettings {
  host: string
  login: string
  secret: string
  auth: AuthManner
  /** `system,call,agent`: the event classes that are requested from Asterisk. */
  eventMask: string
}

export interface LoginLink {
  /** Whether nobody on the way can read the data. */
  readonly isPrivate: boolean
  request(name: string, headers: ActionHeaders): Promise<AmiMessage>
}

/**
 * Logs in.
 *
 * @throws ConnectionError if the server refuses the login, or if the login would show the secret to others
 */
export async function logIn(link: LoginLink, settings: LoginSettings, secrets: Secrets): Promise<void> {
  const { login, eventMask } = settings
  const proof = await proofFor(link, settings, secrets)
  const response = await link.request('Login', [['Username', login], ...proof, ['Events', eventMask]])
  if (response.get('Response') === 'Success') return
  const said = secrets.masked(response.get('Message') ?? 'no reason is given')
  if (!/authentication failed/i.test(said)) {
    throw new ConnectionError('passing', `Asterisk refuses the login: ${said}`, { said })
  }
  const remedy = `check the login, its secret, and the permit and deny lines of [${login}] in manager.conf`
  throw new ConnectionError(
    'bad credentials',
    `Asterisk refuses the login of ${JSON.stringify(login)} (${said}): ${remedy}`,
    { remedy, said },
  )
}

async function proofFor(link: LoginLink, settings: LoginSettings, secrets: Secrets): Promise<ActionHeaders> {
  const { host, secret, auth } = settings
  const response = await link.request('Challenge', [['AuthType', 'MD5']])
  const challenge = response.get('Challenge') ?? ''
  if (challenge !== '') {
    return [
      ['AuthType', 'MD5'],
      ['Key', secrets.keyFor(challenge)],
    ]
  }
  if (link.isPrivate || auth === 'plain') return [['Secret', secret]]
  const remedy = 'use --tls 1, or allow it with --auth plain (AMIAUTH=plain)'
  const said = secrets.masked(response.get('Message') ?? 'no reason is given')
  throw new ConnectionError(
    'unprotected secret',
    `${host} offers no MD5 login (${said}), so the secret would go over the network unencrypted: ${remedy}`,
    { remedy, said },
  )
}
