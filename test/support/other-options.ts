import type { OptionKind } from '../../lib/options/kinds.ts'
import type { TrackerOption } from '../../lib/trackers/row.ts'
import { trackers } from '../../lib/trackers/table.ts'

const options = new Map<string, TrackerOption<unknown>>(trackers.flatMap((entry) => Object.entries(entry.options)))

/** Expressions that match some of the recorded calls, and not all. */
const EXPRESSIONS = new Map([
  ['hidden-channels', ['/1001-']],
  ['outbound-channels', ['/1001-', '!/1001-']],
  ['outbound-numbers', ['^9', '!^9']],
  ['outbound-contexts', ['^from-internal$', '!^from-internal$']],
])

/** What each option of a tracker may be besides its default, as it is typed. */
export const otherOptions: ReadonlyMap<string, readonly string[]> = new Map(
  [...options].map(([name, kind]) => [name, EXPRESSIONS.get(name) ?? otherTexts(kind)]),
)

/** The value of an option of a tracker. */
export function typedValue(name: string, text: string): unknown {
  return (options.get(name) as OptionKind<unknown>).read(name, text)
}

function otherTexts({ fallback, words = [] }: TrackerOption<unknown>): string[] {
  const others = words.filter((word) => word !== fallback)
  if (typeof fallback === 'boolean') return [fallback ? '0' : '1', ...others]
  return typeof fallback === 'number' ? ['0', '3000'] : others
}
