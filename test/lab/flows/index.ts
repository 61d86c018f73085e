import type { Flow } from '../flow.ts'
import { clickToCallFlows } from './click-to-call.ts'
import { hotdeskingFlows } from './hotdesking.ts'
import { interleavedFlows } from './interleaved.ts'
import { localMemberFlows } from './local-members.ts'
import { outboundFlows } from './outbound.ts'
import { outboundParkingFlows } from './outbound-parking.ts'
import { outboundTransferFlows } from './outbound-transfers.ts'
import { parkingFlows } from './parking.ts'
import { queueFlows } from './queue.ts'
import { queueTransferFlows } from './queue-transfers.ts'

/** All flows, family by family. */
export const flows: readonly Flow[] = [
  ...queueFlows,
  ...queueTransferFlows,
  ...localMemberFlows,
  ...parkingFlows,
  ...outboundFlows,
  ...outboundParkingFlows,
  ...outboundTransferFlows,
  ...clickToCallFlows,
  ...hotdeskingFlows,
  ...interleavedFlows,
]
