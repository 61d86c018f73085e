import { AmiParser, type AmiParserOptions, type ParseReport } from '../../lib/ami/parser.ts'

export interface Parsed {
  /** The messages as lines of NDJSON. */
  lines: string[]
  reports: ParseReport[]
  /** The message of the error that ended the parsing. */
  error?: string
}

export function parse(chunks: readonly Buffer[], options: AmiParserOptions = {}): Parsed {
  const parsed: Parsed = { lines: [], reports: [] }
  const parser = new AmiParser(
    options,
    (message) => parsed.lines.push(Buffer.from(message.toLine(), 'latin1').toString('utf8')),
    (report) => parsed.reports.push(report),
  )
  try {
    for (const chunk of chunks) parser.feed(Buffer.from(chunk))
    parser.end()
  } catch (error) {
    parsed.error = (error as Error).message
  }
  return parsed
}
