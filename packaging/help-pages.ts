import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { helpText } from '../lib/cli/help.ts'
import { trackers } from '../lib/trackers/table.ts'

/** A help text of a program, or of a subcommand that has one of its own. */
export interface HelpPage {
  /** That of its manual page: `ami-track-explain`. */
  name: string
  /** What is typed: `ami-track explain`. */
  command: string
  help: string
}

/**
 * All help texts, those of help/ and those of trackers, by their names.
 *
 * @throws Error for one that is of no program
 */
export function helpPages(root: string, programs: readonly string[]): HelpPage[] {
  const names = readdirSync(join(root, 'help')).map((file) => file.replace(/\.txt$/, ''))
  const all = [...names, ...trackers.map(({ program }) => program)].sort()
  return all.map((name) => ({ name, command: commandOf(name, programs), help: helpText(name) }))
}

function commandOf(name: string, programs: readonly string[]): string {
  if (programs.includes(name)) return name
  const program = programs.find((other) => name.startsWith(`${other}-`))
  if (program === undefined) throw new Error(`${name} has a help text, and is no program in package.json's bin`)
  return `${program} ${name.slice(program.length + 1)}`
}
