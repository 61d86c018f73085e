import type { ServerEntry } from './servers.ts'
import type { Stage } from './stage.ts'

/** A call flow: who does what, and what queue_log must say of it. */
export interface Flow {
  /** Its name, and that of its recording. */
  name: string
  /** What happens, in a sentence. */
  title: string
  /** The lines: see expected-lines.ts. */
  lines: string
  /** On which servers it cannot be played, and why. */
  except?: Exception
  /** Whether its lines come later than what they tell of. */
  hasGap?: boolean
  play(stage: Stage): Promise<void>
}

export interface Exception {
  isOn: (server: ServerEntry) => boolean
  because: string
}

/** chan_sip cannot. */
export function noChanSip(because: string): Exception {
  return { isOn: ({ technology }) => technology === 'SIP', because: `chan_sip: ${because}` }
}

/** Why a flow is not played on a server; undefined if it is. */
export function exceptionOn(server: ServerEntry, { except }: Flow): string | undefined {
  return except?.isOn(server) ? except.because : undefined
}

/** Defines a flow of the family that a file has. */
export function flow(
  name: string,
  title: string,
  play: (stage: Stage) => Promise<void>,
  lines: string,
  except?: Exception,
): Flow {
  return { name, title, play, lines, ...(except === undefined ? {} : { except }) }
}
