import type { HelpPage } from './help-pages.ts'
import { optionsOf, readHelp, subcommandsOf, usagesOf } from './help-text.ts'

/** What can stand behind an option: nothing, some words, a file, a folder, or what only its user knows. */
type Value = { words: readonly string[] } | 'none' | 'file' | 'folder' | 'any'

/** A program, or a program and its subcommand. */
interface Command {
  /** `ami-track explain` */
  command: string
  subcommands: readonly string[]
  /** Which words that are no options are files. */
  files: 'none' | 'first' | 'all'
  options: readonly { name: string; text: string }[]
}

/** What is completed for each program and subcommand, of their help texts. */
export class Completion {
  private readonly programs: readonly string[]
  private readonly commands: readonly Command[]
  private readonly values = new Map<string, Value>()

  /** @throws Error if two help texts do not agree on what stands behind an option */
  constructor(pages: readonly HelpPage[]) {
    const texts = new Map<string, string>()
    for (const { name: page, help } of pages) {
      for (const { names, value, text } of optionsOf(readHelp(help))) {
        // Several on one line are told of elsewhere, but for the flags that need no words.
        if (names.length > 1 && text !== '') continue
        for (const name of names) {
          this.addValue(name, valueBehind(value, text), page)
          texts.set(name, text)
        }
      }
    }
    const options = (names: readonly string[]) => names.map((name) => ({ name, text: texts.get(name) ?? '' }))
    const withHelp = pages.map(({ command, help }): Command => {
      const parts = readHelp(help)
      const names = optionsOf(parts).flatMap((option) => option.names)
      return {
        command,
        subcommands: isProgram(command) ? subcommandsOf(parts) : [],
        files: filesOf(usagesOf(parts), command),
        options: options(names),
      }
    })
    const known = new Set(withHelp.map(({ command }) => command))
    // A subcommand without a help text has the options of its command lines.
    const withoutHelp = pages.flatMap(({ command: program, help }) => {
      if (!isProgram(program)) return []
      const usages = usagesOf(readHelp(help))
      return subcommandsOf(readHelp(help)).flatMap((subcommand): Command[] => {
        const command = `${program} ${subcommand}`
        if (known.has(command)) return []
        const own = usages.filter((usage) => `${usage} `.startsWith(`${command} `)).join(' ')
        const names = [...new Set(own.match(/--[a-z-]+/g) ?? [])]
        return [{ command, subcommands: [], files: filesOf(usages, command), options: options(names) }]
      })
    })
    this.commands = [...withHelp, ...withoutHelp]
    this.programs = this.commands.map(({ command }) => command).filter(isProgram)
  }

  /** The completion of bash for all programs, which needs nothing but bash 4. */
  bash(): string {
    const commands = this.commands.map(({ command, subcommands, files, options }) => {
      const words = options.map(({ name }) => name).join(' ')
      const first = subcommands.length > 0 ? ` first='${subcommands.join(' ')}'` : ''
      return `    '${command}') options='${words}'${first}${files === 'none' ? '' : ` file=${files}`} ;;`
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
  local word=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} command=\${1##*/} options= first= file=
  local -i place=COMP_CWORD
  COMPREPLY=()
  # --moh=1 is three words to bash.
  if [[ $word == = ]]; then word=
  elif [[ $before == = ]]; then before=\${COMP_WORDS[COMP_CWORD-2]}
  fi
  if (( place > 1 )); then
    case "$command \${COMP_WORDS[1]}" in
      ${this.subcommandPattern()}) command+=" \${COMP_WORDS[1]}"; place=place-1 ;;
    esac
  fi
  case $command in
${commands.join('\n')}
  esac
  case $before in
${words.join('\n')}
    ${ofKind('file')}) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    ${ofKind('folder')}) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    ${ofKind('any')}) return ;;
  esac
  if (( place > 1 )); then first= file=\${file#first}; fi
  if [[ -n $file && $word != -* ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$word")
    return
  fi
  COMPREPLY=($(compgen -W "$options $first" -- "$word"))
}

complete -F _ami_track ${this.programs.join(' ')}
`
  }

  /** The completion of zsh for all programs. */
  zsh(): string {
    const commands = this.commands.map(({ command, subcommands, files, options }) => {
      const specs = options.map(({ name, text }) => `      ${this.zshOption(name, text)}`)
      if (subcommands.length > 0) specs.push(`      '1::command:(${subcommands.join(' ')})' '*:file:_files'`)
      if (files === 'all') specs.push("      '*:file:_files'")
      else if (files === 'first') specs.push("      '1:file:_files'")
      else if (!isProgram(command)) specs.push("      '*: :'")
      return `  '${command}')\n    _arguments \\\n${specs.join(' \\\n')}\n    ;;`
    })
    return `#compdef ${this.programs.join(' ')}
# zsh completion for the programs of ami-track, made of their help texts

local command=$service
if (( CURRENT > 2 )); then
  case "$service $words[2]" in
    ${this.subcommandPattern()}) command+=" $words[2]"; shift words; (( CURRENT-- )) ;;
  esac
fi
case $command in
${commands.join('\n')}
esac
`
  }

  private addValue(name: string, value: Value, page: string): void {
    const before = this.values.get(name)
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(value)) {
      throw new Error(`help/${page}.txt says something else of what stands behind ${name} than another help text`)
    }
    this.values.set(name, value)
  }

  private subcommandPattern(): string {
    const commands = this.commands.map(({ command }) => command)
    return commands.flatMap((command) => (isProgram(command) ? [] : `'${command}'`)).join('|')
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

/** Whether a command is a program, and no subcommand of one. */
function isProgram(command: string): boolean {
  return !command.includes(' ')
}

/** Whether a command line goes on with a file, as `ami-track settings FILE`, or several: `ami-track explain DUMP…`. */
function filesOf(usages: readonly string[], command: string): Command['files'] {
  const behind = usages.flatMap((usage) => (usage.startsWith(command) ? [usage.slice(command.length)] : []))
  if (!behind.some((words) => /^ (FILE|DUMP)\b/.test(words))) return 'none'
  return behind.some((words) => /^ \w+…/.test(words)) ? 'all' : 'first'
}

function valueBehind(value: string, text: string): Value {
  if (value === '') return 'none'
  if (value === 'FILE') return 'file'
  if (value === 'DIR') return 'folder'
  // `--moh 1`, `--hotdesking 1|names`, and `--loglevel info` with its text `debug, info, warn, error or silent`.
  if (/^\w+(\|\w+)*$/.test(value) && (value.includes('|') || value === '1')) {
    return { words: value.split('|').flatMap((word) => (word === '1' ? ['0', '1'] : [word])) }
  }
  if (/^\w+(, \w+)* or \w+$/.test(text)) return { words: text.split(/, | or /) }
  return 'any'
}
