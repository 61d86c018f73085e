import type { Flow } from '../flow.ts'
import type { GapFlow } from '../gap.ts'
import { agentPoolFlows } from './agent-pool.ts'
import { callConfirmationFlows } from './call-confirmation.ts'
import { clickToCallFlows } from './click-to-call.ts'
import { conferenceFlows } from './conferences.ts'
import { outboundGapFlows } from './gap-outbound.ts'
import { parkingGapFlows } from './gap-parking.ts'
import { queueGapFlows } from './gap-queue.ts'
import { transferGapFlows } from './gap-transfers.ts'
import { hotdeskingFlows } from './hotdesking.ts'
import { interleavedFlows } from './interleaved.ts'
import { localMemberFlows } from './local-members.ts'
import { musicFlows } from './music.ts'
import { otherPbxFlows } from './other-pbxes.ts'
import { outboundFlows } from './outbound.ts'
import { outboundParkingFlows } from './outbound-parking.ts'
import { outboundTransferFlows } from './outbound-transfers.ts'
import { parkingFlows } from './parking.ts'
import { queueFlows } from './queue.ts'
import { queueMemberFlows } from './queue-members.ts'
import { queueTransferFlows } from './queue-transfers.ts'
import { unansweredTransferFlows } from './unanswered-transfers.ts'

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
  ...queueMemberFlows,
  ...agentPoolFlows,
  ...conferenceFlows,
  ...callConfirmationFlows,
  ...unansweredTransferFlows,
  ...musicFlows,
  ...otherPbxFlows,
]

/** The flow of this name. @throws Error if there is none */
export function flowNamed(name: string): Flow {
  const found = flows.find((flow) => flow.name === name)
  if (found === undefined) throw new Error(`no flow ${name}`)
  return found
}

/** All flows in the middle of which the daemon is disturbed. */
export const gapFlows: readonly GapFlow[] = [
  ...queueGapFlows,
  ...transferGapFlows,
  ...parkingGapFlows,
  ...outboundGapFlows,
]
