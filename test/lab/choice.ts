import type { Flow } from './flow.ts'
import { flows, gapFlows } from './flows/index.ts'
import type { GapFlow } from './gap.ts'
import { type ServerEntry, serverNamed, servers } from './servers.ts'

/** The flows to be played: all, or those that the environment variable FLOW names, with commas between them. */
export function chosenFlows(): readonly Flow[] {
  return chosenOf(flows)
}

/** The same of those that go through a gap. */
export function chosenGapFlows(): readonly GapFlow[] {
  return chosenOf(gapFlows)
}

function chosenOf<F extends { name: string }>(all: readonly F[]): readonly F[] {
  const { FLOW = '' } = process.env
  if (FLOW === '') return all
  const names = FLOW.split(',')
  const known = [...flows, ...gapFlows].map(({ name }) => name)
  for (const name of names) {
    if (!known.includes(name)) throw new Error(`no flow ${name}; there are ${known.join(', ')}`)
  }
  return names.flatMap((name) => all.filter((flow) => flow.name === name))
}

/** The servers on which calls are played: all, or the one that the environment variable SERVER names. */
export function chosenServers(): readonly ServerEntry[] {
  const { SERVER: name = '' } = process.env
  return name === '' ? servers : [serverNamed(name)]
}

/** Those of them on which all else is tried too: what does not depend on the phones is tried once on a version. */
export function chosenForAll(): readonly ServerEntry[] {
  return chosenServers().filter(({ technology }) => technology === 'PJSIP')
}
