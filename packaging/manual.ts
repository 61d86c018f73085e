import type { HelpPage } from './help-pages.ts'
import { type HelpPart, readHelp, usagesOf } from './help-text.ts'

export interface ManualOptions {
  version: string
  /** The day that stands at the bottom of the page. */
  date: Date
  /** The names of all pages, for SEE ALSO. */
  names: readonly string[]
}

/** The manual page of a program or a subcommand, of its help text: roff with the macros of man(7). */
export function manualPage({ name, command, help }: HelpPage, { version, date, names }: ManualOptions): string {
  const parts = readHelp(help)
  const firstOptions = parts.findIndex(({ kind }) => kind === 'options')
  const day = date.toISOString().slice(0, 10)
  const title = [roff(name.toUpperCase()), '1', day, `ami\\-track ${version}`, 'ami\\-track'].map((word) => `"${word}"`)
  const others = names.filter((other) => other !== name).map((other) => `.BR ${roff(other)} (1)`)
  const notes = parts.filter((part, index) => isPlain(part) && index > firstOptions)
  const page = [
    `.TH ${title.join(' ')}`,
    '.SH NAME',
    `${roff(name)} \\- ${roff(summaryOf(parts))}`,
    '.SH SYNOPSIS',
    ...usagesOf(parts).flatMap((usage) => synopsis(usage, command)),
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

function synopsis(usage: string, command: string): string[] {
  const rest = usage.slice(command.length + 1)
  return ['.PP', `.B ${roff(command)}`, ...(rest === '' ? [] : [line(rest)])]
}

function paragraph(part: HelpPart): string[] {
  return part.kind === 'text' ? ['.PP', line(part.text)] : []
}

function options(part: HelpPart): string[] {
  if (part.kind !== 'options') return []
  const heading = part.title === '' || part.title === 'Options' ? [] : [`.SS ${roff(part.title)}`]
  return [
    ...heading,
    ...part.options.flatMap(({ shown, value, text }) => [
      '.TP',
      `${shown.map((name) => `\\fB${roff(name)}\\fR`).join(', ')}${value === '' ? '' : ` \\fI${roff(value)}\\fR`}`,
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
