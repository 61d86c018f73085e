import { extensionIn, extensions, type Lane } from '../lanes.ts'
import type { Technology } from '../servers.ts'

/** queues.conf: members are added by the flows. */
export function queues(lanes: readonly Lane[]): string {
  const names = ['support', 'sales', 'short', 'localq']
  const common = 'strategy=linear\ntimeout=6\nretry=1\nmusicclass=default\nringinuse=no\njoinempty=yes\n'
  const busy = common.replace('ringinuse=no', 'ringinuse=yes')
  const all = lanes.flatMap(({ suffix }) => [
    ...names.map((name) => `[${name}${suffix}]\n${common}`),
    `[busy${suffix}]\n${busy}`,
  ])
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

/** What makes the tables of realtime queues: `realtime`, of which 1002 is a member with a name. */
export function realtimeTables(technology: Technology, lanes: readonly Lane[]): string {
  const queue = ({ suffix }: Lane): string =>
    `INSERT INTO queues VALUES ('realtime${suffix}', 'linear', 6, 1, 'default', 'no', 'yes');`
  const member = (lane: Lane): string => {
    const phone = `${technology}/${extensionIn(lane, extensions.colleague.number)}`
    const values = [`realtime${lane.suffix}`, phone, `Rita${lane.suffix}`].map((value) => `'${value}'`)
    return `INSERT INTO queue_members (queue_name, interface, membername) VALUES (${values});`
  }
  return `CREATE TABLE queues (name TEXT PRIMARY KEY, strategy TEXT, timeout INTEGER, retry INTEGER, musicclass TEXT,
  ringinuse TEXT, joinempty TEXT);
CREATE TABLE queue_members (uniqueid INTEGER PRIMARY KEY, queue_name TEXT, interface TEXT, membername TEXT,
  state_interface TEXT, penalty INTEGER DEFAULT 0, paused INTEGER DEFAULT 0, wrapuptime INTEGER DEFAULT 0,
  ringinuse TEXT DEFAULT 'no');
${lanes.flatMap((lane) => [queue(lane), member(lane)]).join('\n')}
`
}

/** followme.conf: two numbers, one behind the other, each of which presses 1 to take the call and 2 to decline it. */
export function followMe(lanes: readonly Lane[]): string {
  // What is said before the choice is short: nobody listens.
  const prompts = ['call_from', 'norecording', 'options', 'pls_hold', 'status', 'sorry']
  const said = prompts.map((name) => `${name}_prompt => beep\n`)
  const ofLane = ({ suffix }: Lane): string => `
[mobile${suffix}]
musicclass => default
context => from-internal${suffix}
takecall => 1
declinecall => 2
number => 95550011,8
number => 95550012,8
`
  return `[general]\nenable_callee_prompt = true\n${said.join('')}${lanes.map(ofLane).join('')}`
}

/** agents.conf: 1001 is also an agent of app_agent_pool. */
export function agentPool(lanes: readonly Lane[]): string {
  const agent = (lane: Lane): string =>
    `[${extensionIn(lane, extensions.agent.number)}]\nfullname = Agent ${extensionIn(lane, '1001')}\nackcall = no\nwrapuptime = 0\nmusiconhold = default\n`
  return `[general]\n\n${lanes.map(agent).join('\n')}`
}
