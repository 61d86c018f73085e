/**
 * The connection alone: Asterisk's manager: it reconnects forever, as a stream of bytes.
 *
 * @packageDocumentation
 */

export type { ActionHeaders } from './ami/action.ts'
export type { AmiMessage, Headers, HeaderValue } from './ami/message.ts'
export { AmiConnection, type UserEventListener } from './connection/connection.ts'
export { ConnectionError, type ConnectionErrorKind } from './connection/errors.ts'
export type { RawStream } from './connection/raw-stream.ts'
export type { ConnectionOptions } from './connection/settings.ts'
export type { Log } from './text/log.ts'
