import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/package.ts'

/**
 * The commands that a page of docs/ tells to type, in their order: the lines of the indented blocks under a heading. A
 * here-document is part of its command.
 *
 * @throws Error if the page has no such heading, or no command under it
 */
export function commandsOf(page: string, heading: string): string[] {
  const [, section = ''] = `\n${readFileSync(join(root, 'docs', page), 'utf8')}`.split(`\n${heading}\n`)
  const [own = ''] = section.split(/\n#+ /)
  const lines = own.split('\n').filter((line) => line.startsWith('    '))
  const commands: string[] = []
  let end: string | undefined
  for (const line of lines.map((text) => text.slice(4))) {
    if (end === undefined) commands.push(line)
    else commands.push(`${commands.pop()}\n${line}`)
    if (line === end) end = undefined
    else end ??= /<< ?'(\w+)'/.exec(line)?.[1]
  }
  if (commands.length === 0) throw new Error(`docs/${page} has no command under ${heading}`)
  return commands
}
