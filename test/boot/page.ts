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
  const commands: string[] = []
  let end: string | undefined
  for (const line of own.split('\n')) {
    const text = line.slice(4)
    if (end !== undefined) {
      commands.push(`${commands.pop()}\n${text}`)
      if (text === end) end = undefined
    } else if (line.startsWith('    ')) {
      commands.push(text)
      end = /<< ?'(\w+)'/.exec(text)?.[1]
    }
  }
  if (commands.length === 0) throw new Error(`docs/${page} has no command under ${heading}`)
  return commands
}
