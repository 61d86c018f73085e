import { fstatSync } from 'node:fs'
import { oneLine } from './one-line.ts'

const STDERR = 2

/** Those of syslog(3), which systemd's journal reads from the beginning of a line. */
const PRIORITIES = { error: 3, warn: 4, info: 6, debug: 7 } as const

export type Level = keyof typeof PRIORITIES

/**
 * Whether what is written to stderr goes into systemd's journal, as systemd.exec(5) says it is found out: `JOURNAL_STREAM`
 * is inherited also by programs whose stderr goes elsewhere.
 */
export function goesToJournal({ JOURNAL_STREAM } = process.env): boolean {
  if (!JOURNAL_STREAM) return false
  try {
    const { dev, ino } = fstatSync(STDERR, { bigint: true })
    return JOURNAL_STREAM === `${dev}:${ino}`
  } catch {
    return false // stderr is closed
  }
}

/** A line for the journal, which adds the time, the program and its process itself. */
export function journalLine(level: Level, text: string): string {
  return `<${PRIORITIES[level]}>${oneLine(text)}`
}
