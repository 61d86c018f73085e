import { channelNameOf } from '../ami/channel-name.ts'
import type { CallRecord } from './call-record.ts'

/** Which calls of a dump are asked for; all if nothing is given. */
export interface Selection {
  /** A Uniqueid or Linkedid, as it stands in a queue_log line or without the colon. */
  readonly call?: string | undefined
  readonly queue?: string | undefined
  /** A number that calls, is called or is dialled, or the extension in a channel's name. */
  readonly number?: string | undefined
}

/** Whether only some calls are asked for. */
export function isNarrowed({ call, queue, number }: Selection): boolean {
  return call !== undefined || queue !== undefined || number !== undefined
}

/** Whether a call is one of those asked for. */
export function isSelected({ call, queue, number }: Selection, record: CallRecord): boolean {
  if (call !== undefined) {
    const uniqueid = call.replace(/^:/, '')
    if (uniqueid !== record.id && !record.byUniqueid.has(uniqueid)) return false
  }
  if (queue !== undefined && !record.queues.has(queue)) return false
  return number === undefined || record.numbers.has(number) || isNamed(record, number)
}

function isNamed({ byUniqueid }: CallRecord, number: string): boolean {
  for (const { name } of byUniqueid.values()) {
    if (channelNameOf(name).resource.replace(/@.*$/s, '') === number) return true
  }
  return false
}
