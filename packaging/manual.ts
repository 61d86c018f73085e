import { type HelpPart, readHelp } from './help-text.ts'

export interface ManualOptions {
  program: string
  version: string
  /** The day that stands at the bottom of the page. */
  date: Date
  /** All programs, for SEE ALSO. */
  programs: readonly string[]
}

/** The manual page of a program, of its help text: roff with the macros of man(7). */
export function manualPage(help: string, { program, version, date, programs }: ManualOptions): string {
  const parts = readHelp(help)
  const firstOptions = parts.findIndex(({ kind }) => kind === 'options')
  const day = date.toISOString().slice(0, 10)
  const title = [roff(program.toUpperCase()), '1', day, `ami\\-track ${version}`, 'ami\\-track'].map(
    (word) => `"${word}"`,
  )
  const others = programs.filter((name) => name !== program).map((name) => `.BR ${roff(name)} (1)`)
  const notes = parts.filter((part, index) => isPlain(part) && index > firstOptions)
  const page = [
    `.TH ${title.join(' ')}`,
    '.SH NAME',
    `${roff(program)} \\- ${roff(summaryOf(parts))}`,
    '.SH SYNOPSIS',
    ...parts.flatMap((part) => (part.kind === 'usage' ? part.lines.flatMap(synopsis) : [])),
    '.SH DESCRIPTION',
    ...parts.filter((part, index) => isPlain(part) && index < firstOptions).flatMap(paragraph),
    '.SH OPTIONS',
    ...parts.flatMap(options),
    ...(notes.length > 0 ? ['.SH NOTES', ...notes.flatMap(paragraph)] : []),
    ...parts.flatMap((part) =>
      part.kind === 'text' && part.title !== '' ? [`.SH ${roff(part.title.toUpperCase())}`, line(part.text)] : [],
    ),
    ...parts.flatMap((part) =>
      part.kind === 'examples' ? ['.SH EXAMPLES', '.nf', ...part.lines.map(line), '.fi'] : [],
    ),
    '.SH SEE ALSO',
    others.join(',\n'),
  ]
  // A heading is a paragraph already.
  const needed = page.filter((macro, index) => macro !== '.PP' || !page[index - 1]?.startsWith('.SH'))
  return `${needed.join('\n')}\n`
}

/** What a program does, of the first sentence of its help text. */
export function summaryOf(parts: readonly HelpPart[]): string {
  const first = parts.find(isPlain)
  const [sentence = ''] = first?.kind === 'text' ? first.text.split(/[.:;](?: |$)/) : []
  return sentence.charAt(0).toLowerCase() + sentence.slice(1)
}

function isPlain(part: HelpPart): boolean {
  return part.kind === 'text' && part.title === ''
}

function synopsis(usage: string): string[] {
  const [program = '', ...rest] = usage.split(' ')
  return ['.PP', `.B ${roff(program)}`, ...(rest.length > 0 ? [line(rest.join(' '))] : [])]
}

function paragraph(part: HelpPart): string[] {
  return part.kind === 'text' ? ['.PP', line(part.text)] : []
}

function options(part: HelpPart): string[] {
  if (part.kind !== 'options') return []
  const heading = part.title === '' || part.title === 'Options' ? [] : [`.SS ${roff(part.title)}`]
  return [
    ...heading,
    ...part.options.flatMap(({ names, value, text }) => [
      '.TP',
      `${names.map((name) => `\\fB${roff(name)}\\fR`).join(', ')}${value === '' ? '' : ` \\fI${roff(value)}\\fR`}`,
      ...(text === '' ? ['\\&'] : [line(text)]),
    ]),
  ]
}

/** A line of text, of which no beginning is taken for a macro. */
function line(text: string): string {
  return roff(text).replace(/^([.']|\\\(aq)/, '\\&$1')
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\(rs',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '"': '\\(dq',
}

function roff(text: string): string {
  return text.replace(/[\\\-'`^~"]|[^ -~]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0
    return ESCAPES[character] ?? `\\[u${code.toString(16).toUpperCase().padStart(4, '0')}]`
  })
}
