import type { Lane } from '../lanes.ts'

/** queues.conf: members are added by the flows. */
export function queues(lanes: readonly Lane[]): string {
  const names = ['support', 'sales', 'short', 'localq']
  const common = 'strategy=linear\ntimeout=6\nretry=1\nmusicclass=default\nringinuse=no\njoinempty=yes\n'
  const all = lanes.flatMap(({ suffix }) => names.map((name) => `[${name}${suffix}]\n${common}`))
  return `[general]\npersistentmembers=no\nlog_membername_as_agent=no\n\n${all.join('\n')}`
}

/** res_parking.conf: `default`; `quick`, which soon sends its calls on; `callback`, which soon sends them back. */
export function parkingLots(lanes: readonly Lane[]): string {
  const ofLane = ({ suffix }: Lane): string => `
[default${suffix}]
parkext=700
parkext_exclusive=yes
parkpos=701-720
context=parkedcalls${suffix}
parkingtime=45
comebacktoorigin=yes
findslot=next
[quick${suffix}]
parkext=800
parkext_exclusive=yes
parkpos=801-820
context=parkedcalls-quick${suffix}
parkingtime=3
comebacktoorigin=no
comebackcontext=park-return
[callback${suffix}]
parkext=850
parkext_exclusive=yes
parkpos=851-870
context=parkedcalls-callback${suffix}
parkingtime=3
comebacktoorigin=yes
`
  return `[general]\n${lanes.map(ofLane).join('')}`
}
