import { channelNameOf } from '../ami/channel-name.ts'
import type { Period } from '../options/moment.ts'
import type { CallDraft } from './call-draft.ts'

/** Which calls of a dump are asked for; all if nothing is given. */
export interface Selection extends Period {
  /** A Uniqueid or Linkedid, as it stands in a queue_log line or without the colon. */
  readonly call?: string | undefined
  readonly queue?: string | undefined
  /** A number that calls, is called or is dialled, or the extension in a channel's name. */
  readonly number?: string | undefined
}

/** Whether calls are asked for by what they are; a period alone may hold many. */
export function isNarrowed({ call, queue, number }: Selection): boolean {
  return call !== undefined || queue !== undefined || number !== undefined
}

/** Whether a call is one of those asked for. */
export function isSelected({ call, queue, number, ...period }: Selection, draft: CallDraft): boolean {
  if (!isWithin(period, draft)) return false
  if (call !== undefined) {
    const uniqueid = call.replace(/^:/, '')
    if (uniqueid !== draft.id && !draft.byUniqueid.has(uniqueid)) return false
  }
  if (queue !== undefined && !draft.queues.has(queue)) return false
  return number === undefined || draft.numbers.has(number) || isNamed(draft, number)
}

function isNamed({ byUniqueid }: CallDraft, number: string): boolean {
  for (const { name } of byUniqueid.values()) {
    if (channelNameOf(name).resource.replace(/@.*$/s, '') === number) return true
  }
  return false
}

/** Whether any part of a call is within a period; one that has not ended goes on forever. */
function isWithin({ since, until }: Period, { events, notHungUp }: CallDraft): boolean {
  if (since === undefined && until === undefined) return true
  const times = events.map(({ at }) => at / 1000)
  const begin = times.reduce((first, time) => Math.min(first, time), Number.POSITIVE_INFINITY)
  const end = times.reduce((last, time) => Math.max(last, time), Number.NEGATIVE_INFINITY)
  return (until === undefined || begin < until) && (since === undefined || notHungUp.size > 0 || end >= since)
}
