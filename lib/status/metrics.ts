import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { ROLES } from '../election/beat.ts'
import type { Tracking } from '../trackers/tracking.ts'
import { collectedCounter, collectedGauge } from './collected.ts'
import type { EventCounts } from './event-counts.ts'
import type { LineCounts } from './line-counts.ts'
import type { LiveStatus } from './live-status.ts'

/** What the metrics are drawn from. */
export interface MetricsSources {
  version: string
  status: LiveStatus
  events: EventCounts
  lines: LineCounts
  /** The trackers at work. */
  tracking: Tracking
}

/** The loop is looked at so often, in ms, to see how late it is: ten times a second wakes an idle machine enough. */
const LOOP_LAG_EVERY_MS = 100

/**
 * The metrics of a daemon, for Prometheus. All is asked for when somebody asks for it. Every label has few values, which
 * are known beforehand: none is a name that a caller, a phone or a server chose.
 */
export function metricsOf({ version, status, events, lines, tracking }: MetricsSources): Registry {
  const registry = new Registry()
  const gauge = (name: string, help: string, value: () => number | undefined): void =>
    collectedGauge(registry, name, help, value)
  const gauges = (name: string, help: string, label: string, values: () => Iterable<[string, number]>): void => {
    const collected = new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      collect: () => {
        for (const [value, now] of values()) collected.set({ [label]: value }, now)
      },
    })
  }
  const counters = (name: string, help: string, label: string, counts: () => Iterable<[string, number]>): void => {
    const collected = new Counter({
      name,
      help,
      labelNames: [label],
      registers: [registry],
      collect: () => {
        collected.reset()
        for (const [value, count] of counts()) collected.inc({ [label]: value }, count)
      },
    })
  }
  const counter = (name: string, help: string, count: () => number): void =>
    collectedCounter(registry, name, help, count)

  gauge('ami_track_connected', '1 if ami-track is connected to Asterisk and logged in, else 0.', () =>
    status.isConnected ? 1 : 0,
  )
  counter(
    'ami_track_reconnects_total',
    'How often the connection to Asterisk was made again after it was lost.',
    () => status.reconnects,
  )
  gauges(
    'ami_track_turn',
    'What ami-track does about the queue_log, 1 for the one that it is: active writes, standby leaves it to another ' +
      'ami-track, listening and claiming ask whether there is one, leaving is about to stop.',
    'role',
    () => ROLES.map((role) => [role, role === status.role ? 1 : 0]),
  )
  counters(
    'ami_track_events_total',
    'Events read from Asterisk by their names. Those that no tracker reads are "other".',
    'event',
    () => events.byEvent(),
  )
  gauge(
    'ami_track_last_event_timestamp_seconds',
    'When the last event of Asterisk was read: seconds since the epoch, by the clock of this machine.',
    () => inSeconds(events.lastReadAt),
  )
  gauge(
    'ami_track_lag_seconds',
    'How far tracking is behind the Timestamps of the events, by the clock of this machine: the most in the last 30 to ' +
      '60 s, so a loop that stood still shows in it. Clocks that differ show in it too.',
    () => inSeconds(events.lagMs(status.waitingBytes > 0)),
  )
  gauge(
    'ami_track_waiting_event_bytes',
    'Bytes of events that were read from the socket and that nobody has looked at yet; at 64 MiB events are lost.',
    () => status.waitingBytes,
  )
  gauges(
    'ami_track_open_calls',
    'Calls that a tracker follows and that are not over. More than one tracker may follow a call.',
    'tracker',
    () => tracking.entries.map(({ program }, n) => [program, tracking.trackers[n]?.openCalls().length ?? 0]),
  )
  counters('ami_track_lines_total', 'Lines of queue_log that were written, by their verbs.', 'verb', () =>
    lines.byVerb(),
  )
  counters(
    'ami_track_unwritten_lines_total',
    'Lines of queue_log that were not written: refused by Asterisk; unanswered, as the connection was lost, or ' +
      'ami-track was killed, before Asterisk answered whether it wrote them; theirs, as another ami-track writes them; late, as their call was over before they could be written.',
    'reason',
    () => lines.byReason(),
  )
  gauge(
    'ami_track_queue_depth',
    'Lines of queue_log that wait to be written. Not there with --queuelog -.',
    () => status.unwritten,
  )
  gauge(
    'ami_track_unanswered_lines',
    'Lines of queue_log that were sent to Asterisk, which has not answered yet. Not there with --queuelog.',
    () => status.unanswered,
  )
  gauge(
    'ami_track_state_kept',
    '1 if a restart now would go on with all open calls, 0 if not: the disk was full for too long. Not there without --state.',
    () => (status.state === undefined ? undefined : Number(status.state.isKept)),
  )
  gauge(
    'ami_track_state_bytes',
    'Bytes of the state that survives a restart. Not there without --state.',
    () => status.state?.bytes,
  )
  gauge(
    'ami_track_state_waiting_bytes',
    'Bytes of the state that wait in memory, as they cannot be written: the disk is full. At 64 MiB the state is given ' +
      'up. Not there without --state.',
    () => status.state?.waitingBytes,
  )
  new Gauge({
    name: 'ami_track_build_info',
    help: 'Always 1; the labels tell the versions of ami-track and of Node.',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.version }, 1)
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_LAG_EVERY_MS })
  return registry
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000
}
