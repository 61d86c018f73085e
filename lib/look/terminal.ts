import { emitKeypressEvents, type Key } from 'node:readline'
import type { ScreenRow, ScreenSize } from './top-screen.ts'

/** As terminals understand them (ECMA-48): another screen, so that what was there comes back; no cursor. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l'
const LEAVE = '\u001b[?7h\u001b[?25h\u001b[?1049l'
const RESET = '\u001b[0m'
const STYLES: Readonly<Record<ScreenRow['style'], string>> = {
  plain: '',
  bold: '\u001b[1m',
  head: '\u001b[7m',
  trouble: '\u001b[31m',
  held: '\u001b[33m',
  dim: '\u001b[2m',
}

export interface TerminalOptions {
  /** Whether rows may stand out by colours. */
  hasColours: boolean
  onKey: (text: string, key: Key) => void
  onResize: () => void
}

/** The terminal of a program that draws a whole screen, which is as before when it ends. */
export class Terminal {
  private readonly hasColours: boolean
  private readonly restore = (): void => void process.stdout.write(LEAVE)
  private drawn: string[] = []
  private isOpen = false

  constructor({ hasColours, onKey, onResize }: TerminalOptions) {
    this.hasColours = hasColours
    process.stdout.write(ENTER)
    this.isOpen = true
    // However the process ends, the screen is that of before.
    process.on('exit', this.restore)
    emitKeypressEvents(process.stdin)
    process.stdin.setRawMode(true)
    process.stdin.on('keypress', (text: string | undefined, key: Key) => onKey(text ?? '', key))
    process.stdin.resume()
    process.stdout.on('resize', () => {
      this.drawn = []
      onResize()
    })
  }

  get size(): ScreenSize {
    const { columns = 80, rows = 24 } = process.stdout
    return { columns, rows }
  }

  /** Draws the rows that are not as before. */
  draw(rows: readonly ScreenRow[]): void {
    if (!this.isOpen) return
    const lines = rows.map((row) => this.styled(row))
    // Rows are as wide as the screen: nothing of before is left over.
    const text = lines
      .flatMap((line, n) => (line === this.drawn[n] ? [] : `\u001b[${n + 1};1H${line}${RESET}`))
      .join('')
    this.drawn = lines
    if (text !== '') process.stdout.write(text)
  }

  /** Gives the terminal back. */
  close(): void {
    if (!this.isOpen) return
    this.isOpen = false
    process.off('exit', this.restore)
    process.stdin.setRawMode(false)
    process.stdin.pause()
    process.stdout.write(LEAVE)
  }

  private styled({ text, style }: ScreenRow): string {
    return `${this.hasColours ? STYLES[style] : ''}${text}`
  }
}
