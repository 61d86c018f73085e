import { extensionIn, extensions, type Lane, trunks } from '../lanes.ts'
import type { Ports } from '../servers.ts'
import { phonePort } from './endpoints.ts'

/** sip.conf: the same phones and trunks as in pjsip.conf, for chan_sip. Who is none of them is a guest, from outside. */
export function peers(ports: Ports, lanes: readonly Lane[]): string {
  const peer = (lane: Lane, name: string, phone: string, more: string): string => `
[${name}]
type=friend
host=127.0.0.1
port=${phonePort(ports, lane, phone)}
insecure=invite
setvar=PARKINGLOT=default${lane.suffix}
${more}`
  const ofLane = (lane: Lane): string[] => {
    const { number: lanesNumber, suffix } = lane
    const phones = Object.entries(extensions).map(([role, { number, account }]) => {
      const name = extensionIn(lane, number)
      const accountCode = account === '' ? '' : `accountcode=${account}${suffix}\n`
      const groups = `namedcallgroup=lane${lanesNumber}\nnamedpickupgroup=lane${lanesNumber}\n`
      const own = `context=from-internal${suffix}\ncallerid=Agent ${name} <${name}>\n${groups}${accountCode}`
      return peer(lane, name, role, own)
    })
    return [...phones, ...trunks.map((trunk) => peer(lane, `${trunk}${suffix}`, trunk, 'context=from-trunk\n'))]
  }
  return `[general]
udpbindaddr=127.0.0.1:${ports.sip}
allowguest=yes
context=from-trunk
disallow=all
allow=ulaw
directmedia=no
dtmfmode=info
callcounter=yes
${lanes.flatMap(ofLane).join('')}`
}
