/** An option, or several that share a text, as a help text shows them. */
export interface HelpOption {
  /** As the text shows them: `-h, --help` */
  shown: readonly string[]
  /** Those of them that are words: `--help` */
  names: readonly string[]
  /** What stands behind the name: `FILE`, or an example; empty for a flag. */
  value: string
  text: string
}

/** A part of a help text, in its order. */
export type HelpPart =
  | { kind: 'usage'; lines: readonly string[] }
  | { kind: 'text'; title: string; text: string }
  | { kind: 'options'; title: string; options: readonly HelpOption[] }
  | { kind: 'examples'; lines: readonly string[] }

/**
 * Reads a help text (help/*.txt), of which manual pages and completions are made as well.
 *
 * @throws Error for a part that is none of those that a help text is made of
 */
export function readHelp(help: string): HelpPart[] {
  return help
    .trimEnd()
    .split(/\n{2,}/)
    .map((block) => readPart(block.split('\n')))
}

/** All options of a help text. */
export function optionsOf(parts: readonly HelpPart[]): HelpOption[] {
  return parts.flatMap((part) => (part.kind === 'options' ? part.options : []))
}

/** The words that stand first on a command line of their own: `regexp` of `ami-track regexp RE`. */
export function subcommandsOf(parts: readonly HelpPart[]): string[] {
  return [...new Set(usagesOf(parts).flatMap((line) => /^\S+ ([a-z]+)( |$)/.exec(line)?.[1] ?? []))]
}

/** The command lines that a help text begins with. */
export function usagesOf(parts: readonly HelpPart[]): string[] {
  return parts.flatMap((part) => (part.kind === 'usage' ? part.lines : []))
}

function readPart(lines: readonly string[]): HelpPart {
  const [first = '', ...rest] = lines
  if (first.startsWith('Usage: ')) return { kind: 'usage', lines: lines.map((line) => line.slice('Usage: '.length)) }
  if (first === 'Examples:') return { kind: 'examples', lines: rest.map((line) => line.slice(2)) }
  if (first.startsWith('  -')) return { kind: 'options', title: '', options: readOptions(lines) }
  if (rest[0]?.startsWith('  -')) return { kind: 'options', title: first.slice(0, -1), options: readOptions(rest) }
  if (first.startsWith(' ')) throw new Error(`a help text cannot be read at ${JSON.stringify(first)}`)
  const [, title = '', text = ''] = /^(Environment|Signals|Exit codes): (.*)$/s.exec(joined(lines)) ?? [
    '',
    '',
    joined(lines),
  ]
  return { kind: 'text', title, text }
}

function readOptions(lines: readonly string[]): HelpOption[] {
  const items: { term: string; text: string[] }[] = []
  for (const line of lines) {
    const last = items.at(-1)
    const [, term, text] = /^ {2}(-\S.*?)(?: {2,}(\S.*))?$/.exec(line) ?? []
    if (term !== undefined) {
      if (last?.term.endsWith(',')) last.term += ` ${term}`
      else items.push({ term, text: text === undefined ? [] : [text] })
    } else if (last !== undefined && /^ {4}/.test(line)) last.text.push(line.trim())
    else throw new Error(`a help text cannot be read at ${JSON.stringify(line)}`)
  }
  return items.map(({ term, text }) => {
    const [, options = '', value = ''] = /^((?:(?:-[a-zA-Z]|--[a-z-]+)(?:, )?)+) ?(.*)$/.exec(term) ?? []
    const shown = options.split(', ')
    return { shown, names: shown.filter((name) => name.startsWith('--')), value, text: text.join(' ') }
  })
}

function joined(lines: readonly string[]): string {
  return lines.map((line) => line.trim()).join(' ')
}
