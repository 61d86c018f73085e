// Callers choose their own names: none may move the cursor, begin a line of its own, or turn the direction of what follows.
const FORGERS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** A text as it may stand in a line that a person reads: on a terminal, in a log, on a page. */
export function oneLine(text: string): string {
  return text.replace(FORGERS, '�')
}

/** A value as JSON in one line, in which no text can do that either: it is escaped, and nothing of it is lost. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(FORGERS, (forger) =>
    Array.from({ length: forger.length }, (_, n) => `\\u${forger.charCodeAt(n).toString(16).padStart(4, '0')}`).join(
      '',
    ),
  )
}
