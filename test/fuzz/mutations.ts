type Random = () => number

/** What may become of the packets of a recording on their way. */
const STRUCTURAL: readonly ((packets: string[], at: number, random: Random) => void)[] = [
  (packets, at) => packets.splice(at, 1),
  (packets, at) => packets.splice(at, 0, packets[at] as string),
  (packets, at, random) => {
    const other = pick(packets.length, random)
    const [one, two] = [packets[at] as string, packets[other] as string]
    packets[at] = two
    packets[other] = one
  },
  (packets, at, random) => packets.splice(at, pick(20, random)),
  (packets, at, random) =>
    packets.splice(at, 1, (packets[at] as string).slice(0, pick(packets[at]?.length ?? 0, random))),
  (packets, at) => packets.splice(at, 0, 'Asterisk Call Manager/11.0.0\r\nResponse: Success'),
  (packets, at) => packets.splice(at, 0, 'Event: Shutdown\r\nPrivilege: system,all'),
  (packets, at) =>
    packets.splice(at, 0, 'Event: ResyncBegin', 'Event: ResyncEnd\r\nLists: CoreShowChannels,BridgeList'),
]

/** What hostile callers, broken networks and other versions put into a value. */
const VALUES: readonly ((value: string, random: Random) => string)[] = [
  () => '',
  (value) => value.repeat(3),
  (value, random) => value.slice(pick(value.length + 1, random)),
  () => '|',
  () => '\n2000000000|x|y|z|FORGED|',
  () => '\u2028\u0085\x1b[2J\0',
  () => '"a\\"(b[c',
  () => '\xff\xfe\x80',
  () => '__proto__',
  () => '-1',
  () => '99999999999999999999',
  () => 'Local/x@y-00000001;1',
  () => 'PJSIP/-',
  () => '<unknown>',
  () => 'x'.repeat(5000),
]

/** A number below a bound. */
export function pick(below: number, random: Random): number {
  return Math.floor(random() * below)
}

/** Some packets with faults in them, as bytes. */
export function mutated(source: readonly string[], faults: number, random: Random): Buffer {
  const packets = [...source]
  for (let n = 0; n < faults && packets.length > 0; n++) {
    const at = pick(packets.length, random)
    const kind = pick(4, random)
    if (kind === 0) STRUCTURAL[pick(STRUCTURAL.length, random)]?.(packets, at, random)
    else packets[at] = withFault(packets[at] as string, packets, kind, random)
  }
  return Buffer.from(packets.map((packet) => `${packet}\r\n\r\n`).join(''), 'latin1')
}

function withFault(packet: string, packets: readonly string[], kind: number, random: Random): string {
  const lines = packet.split('\r\n')
  const at = pick(lines.length, random)
  const [name = ''] = (lines[at] as string).split(': ', 1)
  if (kind === 1) lines.splice(at, 1)
  else if (kind === 2) {
    // The value that another packet has there: channels, bridges and times get mixed up.
    const other = packets[pick(packets.length, random)] as string
    const line = other.split('\r\n').find((one) => one.startsWith(`${name}: `))
    if (line !== undefined) lines[at] = line
  } else {
    const value = (lines[at] as string).slice(name.length + 2)
    lines[at] = `${name}: ${VALUES[pick(VALUES.length, random)]?.(value, random) ?? ''}`
  }
  return lines.join('\r\n')
}
