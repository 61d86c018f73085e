import type { Flow } from './flow.ts'
import { flows } from './flows/index.ts'
import { type ServerEntry, serverNamed, servers } from './servers.ts'

/** The flows to be played: all, or those that the environment variable FLOW names, with commas between them. */
export function chosenFlows(): readonly Flow[] {
  const { FLOW: names = '' } = process.env
  if (names === '') return flows
  return names.split(',').map((name) => {
    const found = flows.find((flow) => flow.name === name)
    if (found === undefined) throw new Error(`no flow ${name}; there are ${flows.map((flow) => flow.name).join(', ')}`)
    return found
  })
}

/** The servers to be tested: all, or the one that the environment variable SERVER names. */
export function chosenServers(): readonly ServerEntry[] {
  const { SERVER: name = '' } = process.env
  return name === '' ? servers : [serverNamed(name)]
}
