import { length } from '../text/length.ts'
import { boundsOf, type CallChannel, type ExplainedCall, type Station } from './call.ts'
import { isLocal, phoneOf } from './stations.ts'

/** Of more stations than these, a heading shows the first and the last. */
const SHOWN_STATIONS = 7

/** A name in a heading is no longer. */
const NAME_LETTERS = 60

/** Events of one transfer come within so many ms. */
const SAME_MOMENT_MS = 1000

/** Extensions of Asterisk's own, which nobody dials. */
const NOT_DIALLED = new Set(['', 's', 'h', 'i', 't', 'o', 'a', 'failed'])

/** What a call was: `5551000 → support → Jane Doe, 2 holds, 3:12`. */
export function headingOf(call: ExplainedCall): string {
  if (call.id === '') return 'Members of queues'
  const way = wayOf(call)
  const shown = way.length <= SHOWN_STATIONS ? way : [...way.slice(0, SHOWN_STATIONS - 2), '…', ...way.slice(-1)]
  const holds = holdsOf(call)
  const { begin, end } = boundsOf(call)
  const told = holds === 0 ? [] : [`${holds} hold${holds === 1 ? '' : 's'}`]
  return [shown.map(shortened).join(' → ') || 'a call', ...told, length(Math.round((end - begin) / 1000) * 1000)].join(
    ', ',
  )
}

/** Who called, what was dialled, and where the call went. */
export function wayOf({ id, channels, stations }: ExplainedCall): string[] {
  const caller = channels.find(({ uniqueid }) => uniqueid === id) ?? channels[0]
  const dialled = caller === undefined || NOT_DIALLED.has(caller.exten) ? [] : [caller.exten]
  const way: Pick<Station, 'kind' | 'name'>[] = [
    ...dialled.map((name) => ({ kind: 'number' as const, name })),
    ...stations.filter((station, n) => !leadsInto(station, stations[n - 1])),
  ].filter(({ kind }, n, all) => kind !== 'number' || !isPlace(all[n + 1]?.kind))
  const names = [...(caller === undefined ? [] : [callerOf(caller)]), ...way.map(({ name }) => name)]
  return names.filter((name, n) => name !== '' && name !== names[n - 1])
}

/** A queue or a lot has a name: the number by which it is reached stands for nothing else. */
function isPlace(kind: Station['kind'] | undefined): boolean {
  return kind === 'queue' || kind === 'lot'
}

/** Whether a number is that of the place before it: Asterisk may tell of a transfer behind what came of it. */
function leadsInto({ kind, moment }: Station, before: Station | undefined): boolean {
  return (
    kind === 'number' && before !== undefined && isPlace(before.kind) && moment.at - before.moment.at <= SAME_MOMENT_MS
  )
}

/** How often somebody held: by the Holds of phones, or by the music of those who were held where no phone told of one. */
export function holdsOf({ channels, spans }: ExplainedCall): number {
  const local = new Set(channels.filter(({ name }) => isLocal(name)).map(({ uniqueid }) => uniqueid))
  const held = new Map<string, number>()
  let holds = 0
  for (const { kind, uniqueid } of spans) {
    if (kind === 'hold' && !local.has(uniqueid)) holds++
    if (kind === 'held') held.set(uniqueid, (held.get(uniqueid) ?? 0) + 1)
  }
  return holds > 0 ? holds : Math.max(0, ...held.values())
}

function callerOf({ number, callerName, name }: CallChannel): string {
  return number || callerName || phoneOf(name)
}

function shortened(name: string): string {
  return name.length <= NAME_LETTERS ? name : `${name.slice(0, NAME_LETTERS - 1)}…`
}
