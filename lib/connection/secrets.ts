import { createHash } from 'node:crypto'

const MASK = '********'

/** The secrets of a login. Nobody may see them, but a strange server may send them back. */
export class Secrets {
  private readonly secret: string
  private key = ''

  constructor(secret: string) {
    this.secret = secret
  }

  /** The answer to a challenge: somebody could use it to guess the secret. */
  keyFor(challenge: string): string {
    this.key = createHash('md5').update(challenge).update(this.secret).digest('hex')
    return this.key
  }

  /** @param text text or a byte string */
  masked(text: string): string {
    const { secret } = this
    // Bytes are read as latin-1 until it is known that they are something else.
    const bytes = Buffer.from(secret, 'utf8').toString('latin1')
    const masked = secret === '' ? text : text.replaceAll(secret, MASK).replaceAll(bytes, MASK)
    return this.keyMasked(masked)
  }

  /**
   * The same for texts that may contain the secret by chance: a secret may be a word of the protocol, such as `call`.
   */
  keyMasked(text: string): string {
    return this.key === '' ? text : text.replace(new RegExp(this.key, 'gi'), MASK)
  }
}
