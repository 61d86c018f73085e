/** Which reason it is. */
export type ConnectionErrorKind =
  /** Login or secret are wrong, or this host is not permitted. */
  | 'bad credentials'
  /** The server is an Asterisk too old. */
  | 'AMI 1.x'
  /** The secret would go over the network as it is. */
  | 'unprotected secret'
  /** Whatever else there may be: it may work the next time. */
  | 'passing'

/** What is known of a {@link ConnectionError} besides. */
export interface ConnectionErrorOptions extends ErrorOptions {
  /** What can be done; it is a part of the message already. */
  remedy?: string
  /** What of the message are the words of the server: they may differ each time. */
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

  /** The message without the words of the server: the same for errors that are one and the same. */
  get sort(): string {
    return this.said === '' ? this.message : this.message.replace(this.said, '')
  }

  /** Whether it is of no use to try again with the same settings, unless a login with them has succeeded before. */
  get isHopeless(): boolean {
    return this.kind !== 'passing'
  }

  /** What happened, without what can be done. */
  get finding(): string {
    return this.remedy === undefined ? this.message : this.message.replace(`: ${this.remedy}`, '')
  }
}
