import { ESCAPE } from '../support/screen.ts'

const SEQUENCE = new RegExp(`${ESCAPE}\\[([\\d;]*)m`, 'g')
/** The colours of a terminal, by their numbers in ECMA-48. */
const COLOURS: Readonly<Record<string, string>> = { 31: '#ff7b72', 32: '#7ee787', 33: '#e3b341', 36: '#79c0ff' }
export const CELL = { width: 8.43, height: 18 } as const

/** What a terminal shows, as a page: rows with their colours, as tmux tells them. */
export function terminalHtml(rows: readonly string[]): string {
  const style = `body{margin:12px;background:#0d1117;color:#d8dee6}
pre{margin:0;font:14px/${CELL.height}px 'DejaVu Sans Mono',monospace}
b{font-weight:bold}i{font-style:normal;opacity:.6}u{text-decoration:none;background:#d8dee6;color:#0d1117}`
  return `<!DOCTYPE html><meta charset="utf-8"><style>${style}</style><pre>${htmlOf(rows.join('\n'))}</pre>`
}

/** What is set in one row goes on in the next. */
function htmlOf(row: string): string {
  let html = ''
  let open: string[] = []
  let at = 0
  const close = (): void => {
    html += open.reverse().join('')
    open = []
  }
  for (const match of row.matchAll(SEQUENCE)) {
    html += escaped(row.slice(at, match.index))
    at = match.index + match[0].length
    for (const code of (match[1] || '0').split(';')) {
      if (code === '0' || code === '39') close()
      else if (code === '1' || code === '2' || code === '7') {
        const tag = { 1: 'b', 2: 'i', 7: 'u' }[code]
        html += `<${tag}>`
        open.push(`</${tag}>`)
      } else if (COLOURS[code] !== undefined) {
        html += `<span style="color:${COLOURS[code]}">`
        open.push('</span>')
      }
    }
  }
  html += escaped(row.slice(at))
  close()
  return html
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
