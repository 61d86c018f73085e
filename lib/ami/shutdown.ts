import { startsWith } from './starts-with.ts'

/**
 * The event of an Asterisk that goes down in an orderly way. Not every channel gets a Hangup any more, and the calls of queues
 * that are open then end without a word: Asterisk writes their ends all the same.
 */
export const SHUTDOWN = 'Shutdown'

const BEGINNING = Buffer.from(`Event: ${SHUTDOWN}\r\n`)

/** Whether a message of Asterisk, as it was read, is this event. */
export function isShutdown(bytes: Buffer, start: number, end: number): boolean {
  return startsWith(bytes, start, end, BEGINNING)
}
