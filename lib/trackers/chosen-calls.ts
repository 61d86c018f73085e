import type { Choice } from '../options/kinds.ts'

/** What decides whether an outbound call is tracked at all. */
export interface CallToTrack {
  readonly uniqueid: string
  /** The name of the calling channel. */
  readonly channel: string
  readonly number: string
  /** At the DialBegin. */
  readonly context: string
  /** The queue on which it is logged if it is tracked. */
  readonly queuename: string
}

/** The options that choose which outbound calls are tracked, and the fact about a call that each option checks. */
export const CHOICES = {
  'outbound-channels': 'channel',
  'outbound-numbers': 'number',
  'outbound-contexts': 'context',
} as const satisfies Record<string, keyof CallToTrack>

export type ChoiceOption = keyof typeof CHOICES

/** The option by which a call is left out; undefined if it is tracked. */
export function leftOutBy(
  choices: { readonly [option in ChoiceOption]?: Choice | undefined },
  call: CallToTrack,
): ChoiceOption | undefined {
  const options = Object.keys(CHOICES) as ChoiceOption[]
  return options.find((option) => choices[option]?.matches(call[CHOICES[option]]) === false)
}
