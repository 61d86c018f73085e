import type { Flow } from '../flow.ts'
import { parkingFlows } from './parking.ts'
import { queueFlows } from './queue.ts'
import { queueTransferFlows } from './queue-transfers.ts'

/** All flows, family by family. */
export const flows: readonly Flow[] = [...queueFlows, ...queueTransferFlows, ...parkingFlows]
