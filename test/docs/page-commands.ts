import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/package.ts'

const OTHERS =
  'make|systemctl|journalctl|dpkg|rpm|asterisk|sed|chown|chmod|cat|cp|install|openssl|usermod|kill|curl|mariadb|python3'
const COMMAND = new RegExp(
  `^(?:\\$ )?((?:[A-Z]+=(?:'[^']*'|\\S+) )*(?:(?:ami|track|qlog)-[a-z]+(?: [-a-z'"<|].*)?|(?:${OTHERS})(?: .*)?))$`,
)

/**
 * The commands that a page tells to type, in their order: those of its indented blocks, and in the first column of its
 * tables. A here-document and the lines behind a pipe belong to their command; the remark behind one does not.
 */
export function commandsIn(page: string): string[] {
  const commands: string[] = []
  let end: string | undefined
  for (const line of readFileSync(join(root, page), 'utf8').split('\n')) {
    const cell = /^\| `([^`]*)` \|/.exec(line)?.[1]?.replaceAll('\\|', '|')
    const text = line.startsWith('    ') ? line.trim() : cell?.includes(' ') ? cell : ''
    const last = commands.at(-1) ?? ''
    if (end !== undefined || (/[|\\]$/.test(last) && text !== '')) {
      commands[commands.length - 1] = `${last}\n${text}`
      if (text === end) end = undefined
    } else {
      const command = COMMAND.exec(text.replace(/\s{2,}# .*$/, ''))?.[1]
      if (command === undefined) continue
      commands.push(command)
      end = /<< ?'(\w+)'/.exec(command)?.[1]
    }
  }
  return commands
}
