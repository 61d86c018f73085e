import { type OptionKind, UsageError } from '../options/kinds.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import { quoted } from '../text/quoted.ts'

/** An option that a reporting tool needs, as it is typed, and why. */
export interface PresetOption {
  readonly option: string
  readonly value: string
  /** Goes on from the name of the reader: `it counts calls by ENTERQUEUE`. */
  readonly why: string
}

/** What a reader of queue_log needs, so that its numbers are those of the calls. */
export interface Preset {
  readonly name: string
  /** What people call it. */
  readonly reader: string
  readonly options: readonly PresetOption[]
}

const oneName = {
  option: 'agentname',
  value: 'member',
  why: "it takes each name for an agent of its own, and the queues' calls have the member's name",
}

const countsEntries = {
  option: 'outboundverb',
  value: 'both',
  why: 'it counts calls by ENTERQUEUE, and does not know CALLOUTBOUND',
}

/**
 * A row for each reader that needs other lines than the vendor's. QueueMetrics needs none: the defaults are made for it. What
 * is tracked is for the user to say; hotdesking alone is switched on, where the log-ins of a queue's own members need it.
 */
export const presets: readonly Preset[] = [
  {
    name: 'asternic',
    reader: 'Asternic Call Center Stats',
    options: [oneName, { option: 'joinlines', value: '0', why: 'it counts each ADDMEMBER as a log-in of the agent' }],
  },
  { name: 'qpanel', reader: 'QPanel', options: [countsEntries, oneName] },
  { name: 'wazo', reader: 'Wazo', options: [countsEntries, oneName] },
  {
    name: 'nethvoice',
    reader: 'NethVoice',
    options: [
      { option: 'parkinglabel', value: '0', why: 'it looks for the one number that a callid came in with' },
      { option: 'rewriteuniqueids', value: '0', why: 'it takes the callid for the time at which the call began' },
      oneName,
      { option: 'hotdesking', value: '1', why: 'it leaves out the sessions of agents called Local/…@from-queue/n' },
    ],
  },
  {
    name: 'issabel',
    reader: 'the queues of Issabel',
    options: [
      oneName,
      { option: 'hotdesking', value: 'names', why: 'Asterisk itself logs members in by their names there' },
    ],
  },
]

/** `--preset qpanel`: sets what a reporting tool needs, where it is not given. */
export function presetOption(): OptionKind<Preset | undefined> {
  const names = presets.map(({ name }) => name)
  return {
    fallback: undefined,
    shown: names.join('|'),
    words: names,
    read: (option, value) => {
      const preset = presets.find(({ name }) => name === value)
      if (preset !== undefined) return preset
      const not = value === '' ? '' : `, not ${quoted(value)}${didYouMean(value, names)}`
      throw new UsageError(`--${option} takes ${names.join(', ')}${not}`)
    },
    sets: (preset) => preset?.options.map(({ option, value }) => [option, value]) ?? [],
  }
}
