import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** A help text of a program, or of a subcommand that has one of its own. */
export interface HelpPage {
  /** That of its file in help/ and of its manual page: `ami-track-explain`. */
  name: string
  /** What is typed: `ami-track explain`. */
  command: string
  help: string
}

/**
 * All help texts of help/, by their names.
 *
 * @throws Error for one that is of no program
 */
export function helpPages(root: string, programs: readonly string[]): HelpPage[] {
  const files = readdirSync(join(root, 'help')).sort()
  return files.map((file) => {
    const name = file.replace(/\.txt$/, '')
    return { name, command: commandOf(name, programs), help: readFileSync(join(root, 'help', file), 'utf8') }
  })
}

function commandOf(name: string, programs: readonly string[]): string {
  if (programs.includes(name)) return name
  const program = programs.find((other) => name.startsWith(`${other}-`))
  if (program === undefined) throw new Error(`help/${name}.txt is the help of no program in package.json's bin`)
  return `${program} ${name.slice(program.length + 1)}`
}
