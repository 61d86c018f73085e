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

const SOFT_HANGUP = Buffer.from('Event: SoftHangupRequest\r\n')
/** AST_SOFTHANGUP_SHUTDOWN (channel.h). Soft hang-ups of other kinds have the cause of a hang-up there. */
const BY_SHUTDOWN = '\r\nCause: 4\r\n'

/**
 * Whether a message tells that Asterisk has begun to go down: it hangs up all channels, and does no action any more
 * (ast_begin_shutdown in main/channel.c; 16.28, 22.10). Shutdown itself comes later, and often not at all. A manager user may
 * hang a channel up with the same cause: an action that is done then shows that it was only that.
 */
export function tellsOfShutdown(bytes: Buffer, start: number, end: number): boolean {
  if (isShutdown(bytes, start, end)) return true
  // The last line of a message has no end of its own here.
  return (
    startsWith(bytes, start, end, SOFT_HANGUP) && `${bytes.toString('latin1', start, end)}\r\n`.includes(BY_SHUTDOWN)
  )
}

/** What Asterisk says to an action then. */
export const SHUTTING_DOWN = 'Asterisk is shutting down'
