import type { AmiMessage } from '../ami/message.ts'
import type { ChannelTable } from '../calls/channels.ts'
import { neighbours } from '../calls/hearing.ts'
import type { Moment, Span, SpanKind } from './call.ts'
import type { CallDraft } from './call-draft.ts'
import { value } from './describe.ts'

const MAX_SPANS = 2_000

/** Parking moves a channel and starts its music within so many ms of each other, in any order. */
const SETTLING_MS = 2

/** What a channel is in one of at a time: it hears one music, whoever plays it. */
type Track = 'bridge' | 'hold' | 'music' | 'parking'

/**
 * Notes in a call what begins or ends by an event: being in a bridge, a hold, music, standing in a lot.
 *
 * @param channels as they are behind the event
 */
export function noteSpans(draft: CallDraft, message: AmiMessage, moment: Moment, channels: ChannelTable): void {
  const uniqueid = value(message, 'Uniqueid')
  const parkee = value(message, 'ParkeeUniqueid')
  const bridge = value(message, 'BridgeUniqueid')
  switch (message.event) {
    case 'BridgeEnter':
      if (value(message, 'BridgeType') === 'parking') waitsFromNowOn(draft, uniqueid, moment)
      else begin(draft, 'bridge', 'bridge', uniqueid, bridge, moment)
      break
    case 'BridgeLeave':
      end(draft, 'bridge', uniqueid, moment, bridge)
      break
    case 'Hold':
      begin(draft, 'hold', 'hold', uniqueid, '', moment)
      break
    case 'Unhold':
      end(draft, 'hold', uniqueid, moment)
      break
    case 'MusicOnHoldStart':
      begin(draft, 'music', isAlone(channels, uniqueid) ? 'waiting' : 'held', uniqueid, '', moment)
      break
    case 'MusicOnHoldStop':
      end(draft, 'music', uniqueid, moment)
      break
    case 'ParkedCall':
    case 'ParkedCallSwap': {
      const place = `${value(message, 'Parkinglot')} ${value(message, 'ParkingSpace')}`
      waitsFromNowOn(draft, parkee, moment)
      begin(draft, 'parking', 'parking', parkee, place, moment)
      break
    }
    case 'UnParkedCall':
    case 'ParkedCallGiveUp':
    case 'ParkedCallTimeOut':
      end(draft, 'parking', parkee, moment)
      break
    case 'Hangup':
      for (const track of ['bridge', 'hold', 'music', 'parking'] as const) end(draft, track, uniqueid, moment)
      break
  }
}

/** Nobody holds a channel whom nobody hears: its music is that of a queue, a lot or the dialplan. */
function isAlone(channels: ChannelTable, uniqueid: string): boolean {
  const channel = channels.find(uniqueid)
  return channel === undefined || neighbours(channel).length === 0
}

/** The music that began as the channel moved into a lot is that of the lot. */
function waitsFromNowOn({ open }: CallDraft, uniqueid: string, { at }: Moment): void {
  const music = open.get(keyOf('music', uniqueid))
  if (music !== undefined && at - music.begin.at <= SETTLING_MS) music.kind = 'waiting'
}

function begin(draft: CallDraft, track: Track, kind: SpanKind, uniqueid: string, place: string, moment: Moment): void {
  // A channel that moves may enter the next bridge before it leaves the one before.
  end(draft, track, uniqueid, moment)
  if (draft.spans.length >= MAX_SPANS) {
    draft.omitted.spans++
    return
  }
  const span: Span = { kind, uniqueid, place, begin: moment, end: undefined }
  draft.spans.push(span)
  draft.open.set(keyOf(track, uniqueid), span)
}

function end(draft: CallDraft, track: Track, uniqueid: string, moment: Moment, place?: string): void {
  const key = keyOf(track, uniqueid)
  const span = draft.open.get(key)
  if (span === undefined || (place !== undefined && span.place !== place)) return
  span.end = moment
  draft.open.delete(key)
}

function keyOf(track: Track, uniqueid: string): string {
  return `${track} ${uniqueid}`
}
