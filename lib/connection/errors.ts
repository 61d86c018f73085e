/** Which reason it is. */
export type ConnectionErrorKind =
  /** Login or secret is wrong, or this host is not permitted. */
  | 'bad credentials'
  /** The Asterisk of the server is too old. */
  | 'AMI 1.x'
  /** The secret would go over the network in plain text. */
  | 'unprotected secret'
  /** Any other error: the next try may work. */
  | 'passing'

/** What is known of a {@link ConnectionError} besides. */
export interface ConnectionErrorOptions extends ErrorOptions {
  /** The remedy; it is already a part of the message. */
  remedy?: string
  /** The part of the message with the words of the server: they may differ each time. */
  said?: string
}

/** Why a connection could not be made, or ended. */
export class ConnectionError extends Error {
  /** Which reason it is. */
  readonly kind: ConnectionErrorKind
  /** What can be done; it is a part of the message already. */
  readonly remedy: string | undefined
  private readonly said: string

  /** @internal */
  constructor(kind: ConnectionErrorKind, text: string, { remedy, said = '', ...options }: ConnectionErrorOptions = {}) {
    super(text, options)
    this.name = 'ConnectionError'
    this.kind = kind
    this.remedy = remedy
    this.said = said
  }

  /** The message without the words of the server: the same text for the same error. */
  get sort(): string {
    return this.said === '' ? this.message : this.message.replace(this.said, '')
  }

  /** Whether this is a permanent error with these settings, if no login with them has succeeded before. */
  get isHopeless(): boolean {
    return this.kind !== 'passing'
  }

  /** What happened, without the remedy. */
  get finding(): string {
    return this.remedy === undefined ? this.message : this.message.replace(`: ${this.remedy}`, '')
  }
}
