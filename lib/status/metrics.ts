import { collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { ROLES } from '../election/beat.ts'
import type { Tracking } from '../trackers/tracking.ts'
import { collectedCounter, collectedGauge, type Series } from './collected.ts'
import type { EventCounts } from './event-counts.ts'
import type { LineCounts } from './line-counts.ts'
import type { RunningStatus } from './running-status.ts'

/** What is counted of a PBX. */
export interface PbxCounts {
  readonly events: EventCounts
  readonly lines: LineCounts
}

/** A PBX that is followed. */
export interface MeasuredPbx {
  readonly status: RunningStatus
  readonly counts: PbxCounts | undefined
  /** The trackers at work. */
  readonly tracking: Tracking
}

/** One PBX of many. */
export interface NamedPbx {
  readonly name: string
  /** Whether it is not followed, as that will never work with its settings. */
  readonly isGivenUp: boolean
  /** undefined if it is not followed at the moment. */
  readonly followed: MeasuredPbx | undefined
}

/** What the metrics are drawn from: the one PBX of a process, or all that have a name in it. */
export type MetricsSource =
  | { readonly version: string; readonly pbx: MeasuredPbx }
  | { readonly version: string; readonly pbxs: () => Iterable<NamedPbx> }

/** The loop is looked at so often, in ms, to see how late it is: ten times a second wakes an idle machine enough. */
const LOOP_LAG_EVERY_MS = 100

type OneOf<S> = S extends Iterable<infer One> ? One : never
type Numbers = Iterable<readonly [label: string, value: number]>

/**
 * The metrics of a daemon, for Prometheus. All is asked for when somebody asks for it. Every label has few values, which
 * are known beforehand: none is a name that a caller, a phone or a server chose.
 *
 * Where there are many PBXs, each series has a label `pbx`, the name of its settings file, and counts of events and lines
 * are left out while they are 0: a hundred for each PBX would be most of what is told.
 */
export function metricsOf(source: MetricsSource): Registry {
  const registry = new Registry()
  const areMany = 'pbxs' in source
  const pbxLabels = areMany ? ['pbx'] : []
  const all = (): Iterable<NamedPbx> => (areMany ? source.pbxs() : [])
  /** What is told of each PBX that is followed, with its labels. */
  function* ofEach<V>(told: (pbx: MeasuredPbx) => V): Generator<[labels: Record<string, string>, told: V]> {
    if (!areMany) yield [{}, told(source.pbx)]
    for (const { name, followed } of all()) if (followed !== undefined) yield [{ pbx: name }, told(followed)]
  }
  function* labelled(label: string, values: (pbx: MeasuredPbx) => Numbers): Generator<OneOf<Series>> {
    for (const [labels, told] of ofEach(values)) {
      for (const [word, value] of told) yield [{ ...labels, [label]: word }, value]
    }
  }
  /** @param value undefined where there is none */
  function* known(value: (pbx: MeasuredPbx) => number | undefined): Generator<OneOf<Series>> {
    for (const [labels, now] of ofEach(value)) if (now !== undefined) yield [labels, now]
  }
  const gauge = (name: string, help: string, value: (pbx: MeasuredPbx) => number | undefined): void =>
    collectedGauge(registry, name, help, () => known(value), pbxLabels)
  const gauges = (name: string, help: string, label: string, values: (pbx: MeasuredPbx) => Numbers): void =>
    collectedGauge(registry, name, help, () => labelled(label, values), [...pbxLabels, label])
  const counter = (name: string, help: string, count: (pbx: MeasuredPbx) => number): void =>
    collectedCounter(registry, name, help, () => ofEach(count), pbxLabels)
  const counters = (name: string, help: string, label: string, counts: (pbx: MeasuredPbx) => Numbers): void =>
    collectedCounter(registry, name, help, () => labelled(label, (pbx) => toldOf(counts(pbx))), [...pbxLabels, label])
  const toldOf = (counts: Numbers): Numbers => (areMany ? [...counts].filter(([, count]) => count > 0) : counts)
  const ofMany = (name: string, help: string, value: (pbx: NamedPbx) => number): void => {
    if (!areMany) return
    const series = () => [...all()].map((pbx) => [{ pbx: pbx.name }, value(pbx)] as const)
    collectedGauge(registry, name, help, series, pbxLabels)
  }

  collectedGauge(
    registry,
    'ami_track_connected',
    '1 if ami-track is connected to Asterisk and logged in, else 0.',
    () => (areMany ? [...all()].map(connectedOfMany) : [[{}, connected(source.pbx)]]),
    pbxLabels,
  )
  counter(
    'ami_track_reconnects_total',
    'How often ami-track connected to Asterisk again after it lost the connection.',
    ({ status }) => status.reconnects,
  )
  gauges(
    'ami_track_turn',
    'What ami-track does with the queue_log, 1 for its current role: active writes it, standby leaves it to another ' +
      'ami-track, listening and claiming check whether there is another one, leaving is about to stop.',
    'role',
    ({ status }) => ROLES.map((role) => [role, role === status.role ? 1 : 0]),
  )
  counters(
    'ami_track_events_total',
    'Events read from Asterisk, by name. Events that no tracker reads are "other".',
    'event',
    ({ counts }) => counts?.events.byEvent() ?? [],
  )
  gauge(
    'ami_track_last_event_timestamp_seconds',
    'When ami-track read the last event of Asterisk: seconds since the epoch, by the clock of this machine.',
    ({ counts }) => inSeconds(counts?.events.lastReadAt),
  )
  gauge(
    'ami_track_lag_seconds',
    'How far tracking is behind the Timestamps of the events, by the clock of this machine: the maximum of the last 30 to ' +
      '60 s, so a blocked process shows in it. Different clocks show in it too.',
    ({ counts, status }) => inSeconds(counts?.events.lagMs(status.waitingBytes > 0)),
  )
  gauge(
    'ami_track_waiting_event_bytes',
    'Bytes of events that were read from the socket and wait to be processed; at 64 MiB events are lost.',
    ({ status }) => status.waitingBytes,
  )
  gauges(
    'ami_track_open_calls',
    'Open calls that a tracker follows. More than one tracker can follow a call.',
    'tracker',
    ({ tracking }) =>
      tracking.entries.map(({ program }, n) => [program, tracking.trackers[n]?.openCalls().length ?? 0]),
  )
  counters(
    'ami_track_lines_total',
    'Lines of queue_log that ami-track wrote, by verb.',
    'verb',
    ({ counts }) => counts?.lines.byVerb() ?? [],
  )
  counters(
    'ami_track_unwritten_lines_total',
    'Lines of queue_log that were not written: refused: Asterisk refused them; unanswered: the connection was lost, or ' +
      'ami-track was killed, before Asterisk answered, so it is unknown whether it wrote them; theirs: another ami-track writes them; late: their call was over before they could be written.',
    'reason',
    ({ counts }) => counts?.lines.byReason() ?? [],
  )
  gauge(
    'ami_track_queue_depth',
    'Lines of queue_log that wait to be written. Missing with --queuelog -.',
    ({ status }) => status.unwritten,
  )
  gauge(
    'ami_track_unanswered_lines',
    'Lines of queue_log that were sent to Asterisk and that it has not answered yet. Missing with --queuelog.',
    ({ status }) => status.unanswered,
  )
  gauge(
    'ami_track_state_kept',
    '1 if a restart now would continue with all open calls; 0 if not, because the disk was full for too long. Missing without --state.',
    ({ status }) => (status.state === undefined ? undefined : Number(status.state.isKept)),
  )
  gauge(
    'ami_track_state_bytes',
    'Bytes of the state that survives a restart. Missing without --state.',
    ({ status }) => status.state?.bytes,
  )
  gauge(
    'ami_track_state_waiting_bytes',
    'Bytes of the state that wait in memory because the disk is full. At 64 MiB ami-track gives the state ' +
      'up. Missing without --state.',
    ({ status }) => status.state?.waitingBytes,
  )
  ofMany(
    'ami_track_followed',
    '1 if ami-track follows the PBX, 0 if not at the moment. Only with many PBXs.',
    ({ followed }) => Number(followed !== undefined),
  )
  ofMany(
    'ami_track_given_up',
    '1 if ami-track does not follow the PBX because of a permanent error: see the log. SIGHUP tries again. ' +
      'Only with many PBXs.',
    ({ isGivenUp }) => Number(isGivenUp),
  )
  new Gauge({
    name: 'ami_track_build_info',
    help: 'Always 1; the labels are the versions of ami-track and of Node.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version: source.version, node: process.version }, 1)
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_LAG_EVERY_MS })
  return registry
}

function connected(pbx: MeasuredPbx | undefined): number {
  return Number(pbx?.status.isConnected ?? false)
}

/** One that is not followed is not connected either. */
function connectedOfMany({ name, followed }: NamedPbx): OneOf<Series> {
  return [{ pbx: name }, connected(followed)]
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}
