/** Why a connection could not be made, or ended. */
export type ConnectionErrorKind =
  /** Login or secret are wrong, or this host is not permitted. */
  | 'bad credentials'
  /** The server is an Asterisk too old. */
  | 'AMI 1.x'
  /** Whatever else there may be: it may work the next time. */
  | 'passing'

export class ConnectionError extends Error {
  readonly kind: ConnectionErrorKind

  constructor(kind: ConnectionErrorKind, text: string, options?: ErrorOptions) {
    super(text, options)
    this.name = 'ConnectionError'
    this.kind = kind
  }

  /** Whether trying again with the same settings is of no use. */
  get isHopeless(): boolean {
    return this.kind !== 'passing'
  }
}
