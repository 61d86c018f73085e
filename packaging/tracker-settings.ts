import { shownValue } from '../lib/options/kinds.ts'
import type { TrackerOption } from '../lib/trackers/row.ts'
import { trackers } from '../lib/trackers/table.ts'

/** What the settings file of the packages says of trackers: a line for each switch, then one for each option, at its default. */
export function trackerSettings(): string {
  const switches = trackers.map(({ key, onByDefault }) => `${key}=${Number(onByDefault)}`)
  const options = new Map(
    trackers.flatMap(({ key, options }) =>
      Object.values(options).flatMap((option) => (option.key === key ? [] : [[option.key, option] as const])),
    ),
  )
  return [...switches, ...[...options.values()].flatMap(linesOf)].join('\n')
}

function linesOf({ key, help, fallback, example = '' }: TrackerOption<unknown>): string[] {
  const value = fallback === undefined ? `'${example}'` : shownValue(fallback)
  return ['', `# ${help.charAt(0).toUpperCase()}${help.slice(1)}.`, `#${key}=${value}`]
}
