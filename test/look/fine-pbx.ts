import type { PbxStatus } from '../../lib/live/pbx-status.ts'

/** The time of what is shown: ms since the epoch. */
export const NOW = 1_800_000_000_000

/** A PBX with which all is well. */
export const FINE: PbxStatus = {
  name: '',
  address: '127.0.0.1:5038',
  asterisk: '22.10.1',
  isConnected: true,
  connectedSince: NOW - 2 * 3_600_000 - 14 * 60_000,
  reconnects: 1,
  role: 'active',
  trouble: null,
  openCalls: { outboundcalls: 2, parkedcalls: 0, moh: 3 },
  lagMs: 12,
  lastEventAt: NOW - 1000,
  waitingBytes: 2048,
  unwritten: 1,
  unanswered: 2,
  linesToday: { since: NOW - 3_600_000, byVerb: { CONNECT: 3, CALLOUTBOUND: 4 } },
  notWritten: { refused: 1, late: 0 },
  lastLine: { at: NOW - 5000, text: '1799999995|1.2|support|Jane|CALLERONHOLD|' },
  state: { isKept: true, bytes: 12_000, waitingBytes: 0 },
}
