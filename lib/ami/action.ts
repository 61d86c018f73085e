/**
 * The longest line of an action, in bytes with its line end. Asterisk takes 1024 and drops the whole action where one
 * line is longer (main/manager.c; seen on 16.28 and 22.10), with an error that names no ActionID.
 */
export const MAX_ACTION_LINE_BYTES = 1000

/** How the ActionIDs of our own actions begin: what carries one is an answer to us. */
export const OWN_ACTION_ID = 'ami-track-'

/** A value may not end its line: the next one would be a header of its own. */
const LINE_BREAKERS = /[\r\n\0]/g

/** An action's headers in their order; `Action` and `ActionID` are not among them. */
export type ActionHeaders = readonly (readonly [name: string, value: string])[]

/**
 * An action as Asterisk reads it from the wire. What would break a line becomes `_`, and a value is cut so that no line
 * is longer than {@link MAX_ACTION_LINE_BYTES}.
 */
export function formatAction(name: string, headers: ActionHeaders, actionId: string): Buffer {
  const all: ActionHeaders = [['Action', name], ['ActionID', actionId], ...headers]
  return Buffer.from(`${all.map(([header, value]) => formatLine(header, value)).join('')}\r\n`, 'utf8')
}

/** How many bytes of a header's value fit into its line. */
export function roomForValue(header: string): number {
  return MAX_ACTION_LINE_BYTES - Buffer.byteLength(`${header}: \r\n`)
}

function formatLine(header: string, value: string): string {
  return `${header}: ${cut(value.replace(LINE_BREAKERS, '_'), roomForValue(header))}\r\n`
}

/** As much of a text as fits into so many bytes of UTF-8, without a part of a character. */
export function cut(text: string, bytes: number): string {
  const buffer = Buffer.from(text, 'utf8')
  if (buffer.length <= bytes) return text
  let end = bytes
  while (end > 0 && ((buffer[end] ?? 0) & 0xc0) === 0x80) end--
  return buffer.toString('utf8', 0, end)
}
