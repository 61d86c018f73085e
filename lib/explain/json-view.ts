import { jsonLine } from '../text/one-line.ts'
import { boundsOf, type ExplainedCall, type Moment } from './call.ts'
import { headingOf, holdsOf, wayOf } from './heading.ts'
import type { View } from './view.ts'

/** Of the documents: it counts up when something in them goes or means something else, and not when something is added. */
const VERSION = 1

/** Calls for programs: a line of JSON for each, with all that is known of it, as soon as it is over. */
export class JsonView implements View {
  readonly listsMany = false

  head(): string {
    return ''
  }

  call(call: ExplainedCall): string {
    const { id, channels, events, spans, stations, lines, reasons, omitted, isOver } = call
    const { begin, end } = boundsOf(call)
    const document = {
      version: VERSION,
      id: id === '' ? null : id,
      heading: headingOf(call),
      way: id === '' ? [] : wayOf(call),
      holds: holdsOf(call),
      begin: secondsOf(begin),
      end: secondsOf(end),
      isOver,
      lines,
      reasons,
      channels: channels.map(({ begin: created, up, end: gone, ...channel }) => ({
        ...channel,
        begin: momentOf(created),
        up: momentOf(up),
        end: momentOf(gone),
      })),
      stations: stations.map(({ moment, ...station }) => ({ ...station, moment: momentOf(moment) })),
      spans: spans.map(({ begin: from, end: to, ...span }) => ({ ...span, begin: momentOf(from), end: momentOf(to) })),
      events: events.map(({ at, ...event }) => ({ ...event, at: secondsOf(at) })),
      omitted,
    }
    return `${jsonLine(document)}\n`
  }

  summary(call: ExplainedCall): string {
    return this.call(call)
  }

  tail(): string {
    return ''
  }
}

/** ms since the epoch as seconds, with three digits behind the point. */
function secondsOf(ms: number): number {
  return Math.round(ms) / 1000
}

function momentOf(moment: Moment | undefined): { event: number; at: number } | null {
  return moment === undefined ? null : { event: moment.number, at: secondsOf(moment.at) }
}
