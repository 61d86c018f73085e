import type { Role } from '../election/beat.ts'
import type { MeasuredPbx, NamedPbx } from '../status/metrics.ts'
import type { Trouble } from '../status/running-status.ts'
import type { LiveLines } from './live-lines.ts'
import type { PbxTap } from './pbx-tap.ts'

/** How a PBX is. docs/live.md describes it. */
export interface PbxStatus {
  /** The name of its settings file; '' where the process follows one. */
  readonly name: string
  /** `127.0.0.1:5038`; '' where it is not followed. */
  readonly address: string
  /** The version of Asterisk, where it told. */
  readonly asterisk: string | null
  readonly isConnected: boolean
  /** ms since the epoch */
  readonly connectedSince: number | null
  readonly reconnects: number
  readonly role: Role
  readonly trouble: Trouble | null
  /** How many calls are open, by the options of the trackers that follow them. More than one may follow a call. */
  readonly openCalls: Readonly<Record<string, number>>
  /** How far tracking is behind the events, in ms; null before the first event. */
  readonly lagMs: number | null
  /** When the last event was read: ms since the epoch. */
  readonly lastEventAt: number | null
  readonly waitingBytes: number
  /** Lines that are to be written, and that were sent and not answered for; null where the sink cannot tell. */
  readonly unwritten: number | null
  readonly unanswered: number | null
  /** The lines that were written today by the time zone of the machine, by their verbs. */
  readonly linesToday: { readonly since: number; readonly byVerb: Readonly<Record<string, number>> }
  /** The lines that were not written since the process began, by the reason. */
  readonly notWritten: Readonly<Record<string, number>>
  readonly lastLine: { readonly at: number; readonly text: string } | null
  readonly state: { readonly isKept: boolean; readonly bytes: number; readonly waitingBytes: number } | null
}

/** What those who look are shown of a PBX. */
export interface LookedAtPbx extends NamedPbx {
  readonly followed: (MeasuredPbx & { readonly tap: PbxTap | undefined }) | undefined
  /** What is wrong with it; undefined if nothing is. */
  readonly trouble: Trouble | undefined
}

/** How a PBX is just now. */
export function statusOf({ name, followed, trouble }: LookedAtPbx, lines: LiveLines): PbxStatus {
  const status = followed?.status
  const counts = followed?.counts
  const lastLine = lines.lastOf(name)
  const { isKept, bytes, waitingBytes } = status?.state ?? {}
  return {
    name,
    address: status?.address ?? '',
    asterisk: status?.asteriskVersion ?? null,
    isConnected: status?.isConnected ?? false,
    connectedSince: status?.connectedSince ?? null,
    reconnects: status?.reconnects ?? 0,
    role: status?.role ?? 'listening',
    trouble: trouble ?? null,
    openCalls: followed === undefined ? {} : countsOfCalls(followed),
    lagMs: counts?.events.lagMs((status?.waitingBytes ?? 0) > 0) ?? null,
    lastEventAt: counts?.events.lastReadAt ?? null,
    waitingBytes: status?.waitingBytes ?? 0,
    unwritten: status?.unwritten ?? null,
    unanswered: status?.unanswered ?? null,
    linesToday: counts?.lines.writtenToday() ?? { since: Date.now(), byVerb: {} },
    notWritten: Object.fromEntries(counts?.lines.byReason() ?? []),
    lastLine: lastLine === undefined ? null : { at: lastLine.at, text: lastLine.text },
    state: isKept === undefined ? null : { isKept, bytes: bytes ?? 0, waitingBytes: waitingBytes ?? 0 },
  }
}

function countsOfCalls({ tracking }: MeasuredPbx): Record<string, number> {
  return Object.fromEntries(
    tracking.entries.map(({ option }, n) => [option, tracking.trackers[n]?.openCalls().length ?? 0]),
  )
}
