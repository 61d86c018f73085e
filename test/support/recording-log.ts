import { EventEmitter, once } from 'node:events'
import type { Log } from '../../lib/text/log.ts'

/** A log whose lines a test reads, as `level: text`. */
export class RecordingLog implements Log {
  readonly lines: string[] = []
  private readonly changes = new EventEmitter().setMaxListeners(0)

  debug(text: string): void {
    this.add('debug', text)
  }

  info(text: string): void {
    this.add('info', text)
  }

  warn(text: string): void {
    this.add('warn', text)
  }

  error(text: string): void {
    this.add('error', text)
  }

  /** Waits for a line, the first of so many that match. */
  async until(pattern: RegExp, count = 1): Promise<string> {
    for (;;) {
      const found = this.lines.filter((line) => pattern.test(line))
      if (found[0] !== undefined && found.length >= count) return found[0]
      await once(this.changes, 'line')
    }
  }

  private add(level: string, text: string): void {
    this.lines.push(`${level}: ${text}`)
    this.changes.emit('line')
  }
}
