import type { ServerResponse } from 'node:http'

/** Who has not taken so many bytes is cut off, and may come again. */
const MAX_WAITING_BYTES = 1024 * 1024

/** So often, in ms, who looks is told that the daemon is there: a connection that is silent for longer is dead. */
export const SIGN_OF_LIFE_MS = 15_000
export const SIGN_OF_LIFE = ':\n\n'

/** Sends one who looks what is new; one who does not read is cut off. */
export function sendTo(looker: ServerResponse, text: string): void {
  if (looker.writableLength > MAX_WAITING_BYTES) looker.destroy()
  else looker.write(text)
}

/** A server-sent event. @param json has no line end in it, so it is one line of data */
export function eventOf(event: string, json: string): string {
  return `event: ${event}\ndata: ${json}\n\n`
}
