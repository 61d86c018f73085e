/** What an input turns out to hold, by its first bytes. */
export interface Content {
  /** `ami`: a raw AMI stream. `json`: lines of JSON, of which records are some. */
  readonly kind: 'ami' | 'json' | 'other'
  /** What that is, for messages: `a queue_log`. */
  readonly what: string
  /**
   * What to do with it.
   *
   * @param file its name as the shell takes it
   */
  readonly advice: (file: string) => string
}

/** So many bytes are enough to tell, if no line ends before. */
export const TELLING_BYTES = 512

const LF = 0x0a
const TAR_AT = 257

const AMI: Content = {
  kind: 'ami',
  what: 'a raw AMI stream',
  advice: (file) => `put ami-parse in front: ami-parse < ${file} | …`,
}
const RECORDS: Content = {
  kind: 'json',
  what: 'records, as ami-parse writes them',
  advice: (file) => `the filters read them: track-moh < ${file} | qlog-write`,
}

/** A file by its first bytes, before any text. */
const MAGIC: readonly (readonly [magic: string, content: Content])[] = [
  ...['d4c3b2a1', 'a1b2c3d4', '4d3cb2a1', 'a1b23c4d', '0a0d0d0a'].map((magic) => [magic, capture()] as const),
  ['1f8b', packed('gzip', 'zcat')],
  ['425a68', packed('bzip2', 'bzcat')],
  ['fd377a585a00', packed('xz', 'xzcat')],
  ['28b52ffd', packed('zstd', 'zstdcat')],
  ['504b0304', packed('zip', 'unzip -p')],
  ['fffe', utf16('UTF-16LE')],
  ['feff', utf16('UTF-16BE')],
  ['89504e47', other('a picture (PNG)')],
  ['ffd8ff', other('a picture (JPEG)')],
  ['47494638', other('a picture (GIF)')],
  ['25504446', other('a PDF document')],
  ['7f454c46', other('a program (ELF)')],
]

/** A file by its first line that is not empty. */
const FIRST_LINE: readonly (readonly [line: RegExp, content: Content])[] = [
  [/^(Asterisk Call Manager\/|Event:|Response:)/i, AMI],
  [/^Action:/i, other('the requests of a client', () => 'a dump is what Asterisk answers to them')],
  [/^\{\s*"level":/, json('the log of ami-track', () => 'a dump is what --debugfile writes')],
  [/^\{\s*"(Event|Response|queue_log|malformed_line)":/i, RECORDS],
  [/^\{/, json('lines of JSON that are not records of ami-parse', () => 'docs/records.md says what records are')],
  [/^\[\s*(\{|$)/, json('a JSON array', (file) => `write one record on each line: jq -c '.[]' ${file}`)],
  [
    /^\d{9,11}(\.\d+)?\|[^|]*\|[^|]*\|[^|]*\|[A-Z]+\|/,
    other('a queue_log', (file) => `to show it beside a dump: ami-track explain DUMP --queuelog ${file}`),
  ],
  [
    /^\[[\w :.-]{8,40}\] ?(VERBOSE|NOTICE|WARNING|ERROR|DEBUG|DTMF|SECURITY)\b/,
    other('a log of Asterisk', () => 'a dump is what ami-connect writes, or --debugfile'),
  ],
  [/^(export )?(LOGFILE|LOCKFILE|PIDFILE|AMI[A-Z]+|ENABLE[A-Z]+)=/, settings()],
  [/^<(!doctype html|html)\b/i, other('a page (HTML)')],
  [/^<\?xml\b/, other('an XML document')],
]

/**
 * Tells what an input is by its beginning: at least its first line, or {@link TELLING_BYTES} of it. Undefined if it may be
 * anything.
 */
export function contentOf(beginning: Buffer): Content | undefined {
  const hex = beginning.toString('hex', 0, 8)
  const packed = MAGIC.find(([magic]) => hex.startsWith(magic))?.[1]
  if (packed !== undefined) return packed
  if (beginning.toString('latin1', TAR_AT, TAR_AT + 5) === 'ustar') {
    return other('a tar archive', (file) => `first extract the dump: tar -xf ${file}`)
  }
  // Every other byte of ASCII text in UTF-16 is NUL.
  if (/^[\t\r\n -~]\0[ -~]\0/.test(beginning.toString('latin1', 0, 4))) return utf16('UTF-16LE')
  if (/^\0[\t\r\n -~]\0[ -~]/.test(beginning.toString('latin1', 0, 4))) return utf16('UTF-16BE')
  const text = beginning
    .toString('utf8')
    .replace(/^\uFEFF/, '')
    .trimStart()
  const line = text.replace(/[\r\n].*/s, '')
  return FIRST_LINE.find(([pattern]) => pattern.test(line))?.[1]
}

/** Whether a beginning is enough to tell what the input is. */
export function isTelling(beginning: Buffer): boolean {
  if (beginning.length >= TELLING_BYTES) return true
  const start = beginning.findIndex((byte) => byte > 0x20)
  return start >= 0 && beginning.includes(LF, start)
}

function other(what: string, advice: Content['advice'] = () => 'a dump is what ami-connect writes'): Content {
  return { kind: 'other', what, advice }
}

function json(what: string, advice: Content['advice']): Content {
  return { kind: 'json', what, advice }
}

function capture(): Content {
  const advice = (file: string) => `first extract what Asterisk sent: tcpflow -r ${file} src port 5038`
  return other('a network capture (pcap)', advice)
}

function packed(by: string, unpack: string): Content {
  return other(`${by} data`, (file) => `first unpack it: ${unpack} ${file}`)
}

function utf16(encoding: string): Content {
  const advice = (file: string) => `first convert it: iconv -f ${encoding} -t UTF-8 ${file}`
  return other('text in UTF-16, as > in PowerShell writes it', advice)
}

function settings(): Content {
  return other('settings', (file) => `use --settings ${file}`)
}
