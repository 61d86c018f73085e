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
  why: "it counts each name as another agent, and queue calls have the member's name",
}

const countsEntries = {
  option: 'outboundverb',
  value: 'both',
  why: 'it counts calls by ENTERQUEUE and does not know CALLOUTBOUND',
}

/**
 * A row for each reader that needs other lines than the vendor's. QueueMetrics needs none: the defaults are made for it. What
 * is tracked is for the user to say; hotdesking alone is switched on, where the log-ins of a queue's own members need it.
 */
export const presets: readonly Preset[] = [
  {
    name: 'asternic',
    reader: 'Asternic Call Center Stats',
    options: [oneName, { option: 'joinlines', value: '0', why: 'it counts each ADDMEMBER as a login of the agent' }],
  },
  { name: 'qpanel', reader: 'QPanel', options: [countsEntries, oneName] },
  { name: 'wazo', reader: 'Wazo', options: [countsEntries, oneName] },
  {
    name: 'nethvoice',
    reader: 'NethVoice',
    options: [
      { option: 'parkinglabel', value: '0', why: 'it looks for the one number with which a callid came in' },
      { option: 'rewriteuniqueids', value: '0', why: 'it reads the callid as the time when the call began' },
      oneName,
      { option: 'hotdesking', value: '1', why: 'it skips the sessions of agents whose name is Local/…@from-queue/n' },
    ],
  },
  {
    name: 'issabel',
    reader: 'the queues of Issabel',
    options: [oneName, { option: 'hotdesking', value: 'names', why: 'there Asterisk itself logs in members by name' }],
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
