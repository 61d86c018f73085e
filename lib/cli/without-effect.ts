import { UsageError } from '../options/kinds.ts'

/**
 * An option that is typed and does nothing misleads who typed it. What a settings file says is for several uses, and may
 * do nothing in one of them.
 *
 * @param given the names of the options on the command line
 * @param names those that do nothing here
 * @param why what makes them do nothing, and what to do: `with --replay: it connects to nothing`
 * @throws UsageError that names the first of them
 */
export function refuseWithoutEffect(given: ReadonlySet<string>, names: Iterable<string>, why: string): void {
  for (const name of names) if (given.has(name)) throw new UsageError(`--${name} has no effect ${why}`)
}
