import { createHash } from 'node:crypto'

const MASK = '********'

/** What a login proves itself with, and what must not be shown to anybody: a strange server may say it back. */
export class Secrets {
  private readonly secret: string
  private key = ''

  constructor(secret: string) {
    this.secret = secret
  }

  /** What answers a challenge: the secret and the challenge can be tried out on it. */
  keyFor(challenge: string): string {
    this.key = createHash('md5').update(challenge).update(this.secret).digest('hex')
    return this.key
  }

  /** @param text text or a byte string */
  masked(text: string): string {
    const { secret } = this
    // Bytes are read as latin-1 before they are known to be anything else.
    const bytes = Buffer.from(secret, 'utf8').toString('latin1')
    const masked = secret === '' ? text : text.replaceAll(secret, MASK).replaceAll(bytes, MASK)
    return this.keyMasked(masked)
  }

  /** The same for texts that may hold the secret by chance: one that is a word of the protocol, such as `call`. */
  keyMasked(text: string): string {
    return this.key === '' ? text : text.replace(new RegExp(this.key, 'gi'), MASK)
  }
}
