import { extensionIn, extensions, type Lane, trunks } from '../lanes.ts'
import type { Ports } from '../servers.ts'

/** The second phone of an extension that has two. */
export const SECOND = 'second'

/** The port of a lane's phone: those of a lane are together, trunks behind extensions. */
export function phonePort(ports: Ports, lane: Lane, phone: string): number {
  const all = [...Object.keys(extensions), ...trunks, SECOND]
  return ports.phones + lane.number * 8 + all.indexOf(phone)
}

/** pjsip.conf: phones at fixed ports of the loopback interface, and callers from anywhere. */
export function endpoints(ports: Ports, lanes: readonly Lane[]): string {
  const common = 'type=endpoint\ntransport=udp\ndisallow=all\nallow=ulaw\ndirect_media=no\nallow_subscribe=no'
  const contacts = (name: string, ...phones: number[]): string =>
    `[${name}]\ntype=aor\n${phones.map((port) => `contact=sip:${name}@127.0.0.1:${port}\n`).join('')}max_contacts=2\n`
  const portsOf = (lane: Lane, role: string): number[] =>
    [role, ...(role === 'doubled' ? [SECOND] : [])].map((phone) => phonePort(ports, lane, phone))
  const ofLane = (lane: Lane): string[] => {
    const { suffix } = lane
    const phones = Object.entries(extensions).map(([role, { number, account }]) => {
      const name = extensionIn(lane, number)
      const accountCode = account === '' ? '' : `accountcode=${account}${suffix}\n`
      return `
[${name}]
${common}
context=from-internal${suffix}
aors=${name}
identify_by=username
callerid=Agent ${name} <${name}>
set_var=PARKINGLOT=default${suffix}
named_call_group=lane${lane.number}
named_pickup_group=lane${lane.number}
${accountCode}${contacts(name, ...portsOf(lane, role))}`
    })
    const outside = trunks.map(
      (trunk) => `
[${trunk}${suffix}]
${common}
context=from-trunk
aors=${trunk}${suffix}
identify_by=username
set_var=PARKINGLOT=default${suffix}
${contacts(`${trunk}${suffix}`, phonePort(ports, lane, trunk))}`,
    )
    return [...phones, ...outside]
  }
  return `[global]
type=global
endpoint_identifier_order=username,ip,anonymous

[udp]
type=transport
protocol=udp
bind=127.0.0.1:${ports.sip}

[anonymous]
${common}
context=from-trunk
${lanes.flatMap(ofLane).join('')}`
}
