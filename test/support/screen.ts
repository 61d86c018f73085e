export const ESCAPE = '\u001b'
const CONTROL = new RegExp(`${ESCAPE}\\[(\\d*)([A-Za-z])`, 'y')

/**
 * The rows of a terminal on which a text was written.
 *
 * @throws Error for what neither a bar nor lines need
 */
export function screenOf(text: string): string[] {
  const rows: string[] = ['']
  let column = 0
  const row = (): string => rows.at(-1) ?? ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    CONTROL.lastIndex = at
    const control = CONTROL.exec(text)
    if (control !== null) {
      const [all, digits = '', command = ''] = control
      at += all.length - 1
      if (command === 'G') column = Number(digits || 1) - 1
      // The cursor is on the last row always: nothing here moves it up.
      else if (/^[KJ]$/.test(command) && /^0?$/.test(digits)) rows[rows.length - 1] = row().slice(0, column)
      else throw new Error(`this terminal does not know ${JSON.stringify(all)}`)
    } else if (char === '\r') column = 0
    else if (char === '\n') rows.push('')
    else {
      rows[rows.length - 1] = `${row().slice(0, column).padEnd(column)}${char}${row().slice(column + 1)}`
      column++
    }
  }
  return rows
}
