import { optionsOf, readHelp, subcommandsOf } from './help-text.ts'

/** What can stand behind an option: nothing, some words, a file, a folder, or what only its user knows. */
type Value = { words: readonly string[] } | 'none' | 'file' | 'folder' | 'any'

interface Completed {
  program: string
  subcommands: string[]
  options: { name: string; text: string }[]
}

/** What is completed for each program, of their help texts. */
export class Completion {
  private readonly programs: readonly Completed[]
  private readonly values = new Map<string, Value>()

  /** @param helps the help text of each program */
  constructor(helps: ReadonlyMap<string, string>) {
    const texts = new Map<string, string>()
    for (const help of helps.values()) {
      for (const { names, value, text } of optionsOf(readHelp(help))) {
        // Several on one line are told of elsewhere, but for the flags that need no words.
        if (names.length > 1 && text !== '') continue
        for (const name of names) {
          this.values.set(name, valueBehind(value, text))
          texts.set(name, text)
        }
      }
    }
    this.programs = [...helps].map(([program, help]) => {
      const parts = readHelp(help)
      const names = optionsOf(parts).flatMap((option) => option.names)
      const options = names.map((name) => ({ name, text: texts.get(name) ?? '' }))
      return { program, subcommands: subcommandsOf(parts), options }
    })
  }

  /** The completion of bash for all programs, which needs nothing but bash 4. */
  bash(): string {
    const names = this.programs.map(({ program }) => program)
    const programs = this.programs.map(({ program, subcommands, options }) => {
      const words = options.map(({ name }) => name).join(' ')
      return `    ${program}) options='${words}' first='${subcommands.join(' ')}' ;;`
    })
    const ofKind = (kind: Value): string =>
      [...this.values].flatMap(([name, value]) => (value === kind ? [name] : [])).join('|')
    const words = [...this.values].flatMap(([name, value]) =>
      typeof value === 'object'
        ? [`    ${name}) COMPREPLY=($(compgen -W '${value.words.join(' ')}' -- "$word")); return ;;`]
        : [],
    )
    return `# bash completion for the programs of ami-track, made of their help texts

_ami_track() {
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} options= first=
  COMPREPLY=()
  # --moh=1 is three words to bash.
  if [[ $word == = ]]; then word=
  elif [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  case \${1##*/} in
${programs.join('\n')}
  esac
  case $before in
${words.join('\n')}
    ${ofKind('file')}) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$word")); return ;;
    ${ofKind('folder')}) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -d -- "$word")); return ;;
    ${ofKind('any')}) return ;;
    settings) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$word")); return ;;
  esac
  (( COMP_CWORD > 1 )) && first=
  COMPREPLY=($(compgen -W "$options $first" -- "$word"))
}

complete -F _ami_track ${names.join(' ')}
`
  }

  /** The completion of zsh for all programs. */
  zsh(): string {
    const programs = this.programs.map(({ program, subcommands, options }) => {
      const specs = options.map(({ name, text }) => `      ${this.zshOption(name, text)}`)
      if (subcommands.length > 0) specs.push(`      '1::command:(${subcommands.join(' ')})' '*:file:_files'`)
      return `  ${program})\n    _arguments \\\n${specs.join(' \\\n')}\n    ;;`
    })
    return `#compdef ${this.programs.map(({ program }) => program).join(' ')}
# zsh completion for the programs of ami-track, made of their help texts

case $service in
${programs.join('\n')}
esac
`
  }

  private zshOption(name: string, text: string): string {
    const value = this.values.get(name) ?? 'any'
    const told = text.replace(/[[\]:\\]/g, '\\$&').replaceAll("'", "'\\''")
    const spec = `${name}${value === 'none' ? '' : '='}${told === '' ? '' : `[${told}]`}`
    if (value === 'none') return `'${spec}'`
    if (typeof value === 'object') return `'${spec}:value:(${value.words.join(' ')})'`
    return `'${spec}:${{ file: 'file:_files', folder: 'folder:_files -/', any: 'value: ' }[value]}'`
  }
}

function valueBehind(value: string, text: string): Value {
  if (value === '') return 'none'
  if (value === 'FILE') return 'file'
  if (value === 'DIR') return 'folder'
  // `--moh 1`, and `--loglevel info` with its text `debug, info, warn, error or silent`.
  if (value === '1') return { words: ['0', '1'] }
  if (/^\w+(, \w+)* or \w+$/.test(text)) return { words: text.split(/, | or /) }
  return 'any'
}
