import type { AmiMessage } from '../ami/message.ts'
import type { Span } from './call.ts'
import type { CallRecord } from './call-record.ts'
import { value } from './describe.ts'

const MAX_SPANS = 2_000

/** Notes in a call what begins or ends by an event: being in a bridge, a hold, music, standing in a lot. */
export function noteSpans(record: CallRecord, message: AmiMessage, at: number): void {
  const uniqueid = value(message, 'Uniqueid')
  const parkee = value(message, 'ParkeeUniqueid')
  switch (message.event) {
    case 'BridgeEnter':
      if (value(message, 'BridgeType') !== 'parking') {
        begin(record, 'bridge', uniqueid, value(message, 'BridgeUniqueid').slice(0, 8), at)
      }
      break
    case 'BridgeLeave':
      end(record, 'bridge', uniqueid, at, value(message, 'BridgeUniqueid').slice(0, 8))
      break
    case 'Hold':
      begin(record, 'hold', uniqueid, 'holds', at)
      break
    case 'Unhold':
      end(record, 'hold', uniqueid, at)
      break
    case 'MusicOnHoldStart':
      begin(record, 'music', uniqueid, 'hears music', at)
      break
    case 'MusicOnHoldStop':
      end(record, 'music', uniqueid, at)
      break
    case 'ParkedCall':
    case 'ParkedCallSwap':
      begin(record, 'parking', parkee, `${value(message, 'Parkinglot')} ${value(message, 'ParkingSpace')}`, at)
      break
    case 'UnParkedCall':
    case 'ParkedCallGiveUp':
    case 'ParkedCallTimeOut':
      end(record, 'parking', parkee, at)
      break
    case 'Hangup':
      for (const kind of ['bridge', 'hold', 'music', 'parking'] as const) end(record, kind, uniqueid, at)
      break
  }
}

function begin(record: CallRecord, kind: Span['kind'], uniqueid: string, label: string, at: number): void {
  // A channel that moves may enter the next bridge before it leaves the one before.
  end(record, kind, uniqueid, at)
  if (record.spans.length >= MAX_SPANS) return
  const span: Span = { kind, uniqueid, label, begin: at, end: undefined }
  record.spans.push(span)
  record.open.set(`${kind} ${uniqueid}`, span)
}

function end(record: CallRecord, kind: Span['kind'], uniqueid: string, at: number, label?: string): void {
  const key = `${kind} ${uniqueid}`
  const span = record.open.get(key)
  if (span === undefined || (label !== undefined && span.label !== label)) return
  span.end = at
  record.open.delete(key)
}
