/**
 * The parser alone: the bytes of an AMI stream become messages.
 *
 * @packageDocumentation
 */

export { type AmiMessage, HeaderMessage, type Headers, type HeaderValue, wireOf } from './ami/message.ts'
export { AmiParser, type AmiParserOptions, AmiStreamError, type ParseReport } from './ami/parser.ts'
export { type ReadMessagesOptions, readMessages } from './ami/read-messages.ts'
