/**
 * Byte strings: JavaScript strings in which every character stands for one byte (latin-1).
 *
 * Lines of NDJSON that are kept or compared have this form: one that a stage does not understand must go on byte for byte,
 * also when it is not valid UTF-8. V8 keeps such strings at one byte a character, so it is the cheapest form as well.
 */

const BEYOND_ASCII = /[\x80-\uffff]/

/** The UTF-8 bytes of a text, as a byte string. */
export function bytesOfText(text: string): string {
  return BEYOND_ASCII.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text
}

/** The text that a byte string of UTF-8 stands for; malformed bytes become U+FFFD. */
export function textOfBytes(bytes: string): string {
  return BEYOND_ASCII.test(bytes) ? Buffer.from(bytes, 'latin1').toString('utf8') : bytes
}

/** The bytes themselves, to be written. */
export function bufferOfBytes(bytes: string): Buffer {
  return Buffer.from(bytes, 'latin1')
}
