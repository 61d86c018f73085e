import type { Flow } from '../flow.ts'
import { queueFlows } from './queue.ts'

/** All flows, family by family. */
export const flows: readonly Flow[] = [...queueFlows]
