import { channelNameOf } from '../ami/channel-name.ts'
import type { AmiMessage } from '../ami/message.ts'
import type { Moment, Station } from './call.ts'
import type { CallDraft } from './call-draft.ts'
import { named, value } from './describe.ts'

const MAX_STATIONS = 1_000

/** Notes in a call where it goes by an event. */
export function noteStations(draft: CallDraft, message: AmiMessage, moment: Moment): void {
  const went = (kind: Station['kind'], name: string): void => {
    if (name === '') return
    if (draft.stations.length < MAX_STATIONS) draft.stations.push({ kind, name, moment })
    else draft.omitted.stations++
  }
  switch (message.event) {
    case 'QueueCallerJoin':
      went('queue', value(message, 'Queue'))
      break
    case 'AgentConnect':
      went('member', value(message, 'MemberName') || phoneOf(named(message, 'Dest').name))
      break
    case 'DialEnd': {
      const { name } = named(message, 'Dest')
      // Whom a queue dialled, its AgentConnect tells by the member's name.
      const isOfQueue = draft.stations.some(({ kind }) => kind === 'queue')
      if (message.get('DialStatus') === 'ANSWER' && !isOfQueue && !isLocal(name)) went('phone', phoneOf(name))
      break
    }
    case 'ParkedCall':
      went('lot', `${value(message, 'Parkinglot')} ${value(message, 'ParkingSpace')}`.trim())
      break
    case 'UnParkedCall':
      went('phone', phoneOf(named(message, 'Retriever').name))
      break
    case 'Pickup':
      went('phone', phoneOf(named(message, '').name))
      break
    case 'BlindTransfer':
      if (message.get('Result') === 'Success') went('number', value(message, 'Extension'))
      break
    case 'AttendedTransfer':
      if (message.get('Result') === 'Success') went('phone', phoneOf(value(message, 'TransferTargetChannel')))
      break
  }
}

/** Whose phone or trunk a channel is, as it is called in a dialplan: `1001` of `PJSIP/1001-0000002a`. */
export function phoneOf(channelName: string): string {
  return channelNameOf(channelName).resource.replace(/(?<=.)@.*$/s, '')
}

export function isLocal(channelName: string): boolean {
  return channelName.startsWith('Local/')
}
