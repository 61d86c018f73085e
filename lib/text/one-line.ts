// Callers choose their own names: none may move the cursor, begin a line of its own, or turn the direction of what follows.
const FORGERS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A text as it may stand in a line. */
export function oneLine(text: string): string {
  return text.replace(FORGERS, '�')
}
