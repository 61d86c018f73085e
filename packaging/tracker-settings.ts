import { presets } from '../lib/cli/presets.ts'
import { shownValue } from '../lib/options/kinds.ts'
import type { TrackerOption } from '../lib/trackers/row.ts'
import { trackers } from '../lib/trackers/table.ts'

/**
 * What the settings file of the packages says of trackers: a line for each switch, one for the preset, then one for each
 * option, at its default. What stands there counts more than a preset: a switch that a preset turns on is not written.
 */
export function trackerSettings(): string {
  const set = new Set(presets.flatMap(({ options }) => options.map(({ option }) => option)))
  const switches = trackers.map(
    ({ key, option, onByDefault }) => `${set.has(option) ? '#' : ''}${key}=${Number(onByDefault)}`,
  )
  const names = presets.map(({ name }) => name).join(', ')
  const preset = [`# Sets what a reporting tool needs, unless a line here says otherwise: ${names}.`, '#PRESET=']
  const options = new Map(
    trackers.flatMap(({ key, options }) =>
      Object.values(options).flatMap((option) => (option.key === key ? [] : [[option.key, option] as const])),
    ),
  )
  return [...switches, '', ...preset, ...[...options.values()].flatMap(linesOf)].join('\n')
}

function linesOf({ key, help, fallback, example = '' }: TrackerOption<unknown>): string[] {
  const value = fallback === undefined ? `'${example}'` : shownValue(fallback)
  return ['', `# ${help.charAt(0).toUpperCase()}${help.slice(1)}.`, `#${key}=${value}`]
}
