import { QueueMembers } from '../calls/queue-members.ts'
import type { Choice } from '../options/kinds.ts'
import { isTrue, type Purpose, type QueueMember, type ServerFacts } from './facts.ts'
import { type Finding, listed, note, ok, someOf, wrong } from './finding.ts'

/** Whether hotdesking and Asterisk log the same members in. */
export function hotdeskingFindings(
  { options: { hotdesking }, tail, sink }: Purpose,
  { configuration, namesLogged }: ServerFacts,
): Finding[] {
  if (hotdesking !== true && hotdesking !== 'names') return []
  const check = 'hotdesking'
  const setting = configuration && isTrue(configuration.logMembernameAsAgent)
  const byName = setting ?? namesLogged
  const said =
    setting === undefined
      ? 'its queue_log shows that'
      : `log_membername_as_agent is ${setting ? 'set' : 'not set'} in queues.conf:`
  if (byName === undefined) {
    return [note(check, 'it is unknown whether Asterisk itself logs in members by name (log_membername_as_agent)')]
  }
  const finding = `${said} Asterisk logs in members by their ${byName ? 'names' : 'interfaces'}`
  if (hotdesking === 'names') {
    if (byName) return [ok(check, `${finding}: ami-track writes only HOTDESKING`)]
    return [
      wrong(
        check,
        `${finding}, so with --hotdesking names nobody logs in the names`,
        'use --hotdesking 1 (ENABLEHOTDESKING=1)',
      ),
    ]
  }
  if (!byName) return [ok(check, finding)]
  const path = sink.ownFile ?? (tail?.kind === 'file' ? tail.name : undefined)
  if (path !== undefined) return [ok(check, `${finding}: the daemon sees that in ${path} and writes only HOTDESKING`)]
  return [
    wrong(
      check,
      `${finding}: with --hotdesking 1 each login appears twice, and the interface is also logged out`,
      'use --hotdesking names (ENABLEHOTDESKING=names), or --queuelog-tail with the queue_log that Asterisk writes',
    ),
  ]
}

/** Under which names one person is in reports. */
export function agentFindings({ trackers, options }: Purpose, { members }: ServerFacts): Finding[] {
  const ofCalls = trackers.filter((tracker) => 'agentname' in tracker.options)
  const named = namedMembers(members ?? [])
  if (ofCalls.length === 0 || named.length === 0) return []
  const check = 'agent names'
  if (options.agentname === 'member') {
    return [
      ok(
        check,
        `ami-track logs parked and outbound calls under these names: ${someOf(named.map(({ name, phone }) => `${phone} as ${name}`))}`,
      ),
    ]
  }
  const [{ name, phone } = { name: '', phone: '' }, ...others] = named
  const more = others.length === 0 ? '' : `, and ${others.length} more in the same way`
  return [
    note(
      check,
      `reports show ${name} and ${phone} as two agents${more}`,
      'use --agentname member (AGENTNAME=member): then ami-track logs parked and outbound calls under the name of the member',
    ),
  ]
}

/** The members with a name of their own, and the phone of each. */
function namedMembers(members: readonly QueueMember[]): { name: string; phone: string }[] {
  const known = new QueueMembers(() => {})
  for (const { queue, name, location, stateInterface } of members) {
    known.learn({ queue, name, interface: location, stateInterface, isDynamic: true, isPaused: false })
  }
  const phones = members.flatMap(({ location, stateInterface }) => phoneOf(location) ?? phoneOf(stateInterface) ?? [])
  return [...new Map(phones.map((phone) => [phone.label, phone])).values()].flatMap(({ label, channel }) => {
    const name = known.nameAt(channel)
    return name === undefined ? [] : { name, phone: label }
  })
}

/** `PJSIP/1002`. For a Local member or a hint it is the phone of that number, on whatever technology. */
function phoneOf(one: string): { label: string; channel: string } | undefined {
  const number = /^(?:Local\/|hint:)([\w*#+.-]+)@/i.exec(one)?.[1]
  if (number !== undefined) return { label: `the phone ${number}`, channel: `PJSIP/${number}` }
  return /^[^:/]+\/(?!.*@)/.test(one) ? { label: one, channel: one } : undefined
}

/** Whether calls that come in over a trunk are logged as outbound calls of it. */
export function trunkFindings({ trackers, options }: Purpose, { comingIn }: ServerFacts): Finding[] {
  const isOn = trackers.some((tracker) => 'outbound-channels' in tracker.options)
  if (!isOn || comingIn === undefined || comingIn.length === 0) return []
  const check = 'trunks'
  const choice = options['outbound-channels'] as Choice | undefined
  const tracked = comingIn.filter((trunk) => choice?.matches(`${trunk}-00000001`) !== false)
  const calls = `calls come in by ${someOf(comingIn)} at the moment`
  if (tracked.length === 0) return [ok(check, `${calls}, and are not counted as outbound calls`)]
  const escaped = tracked.map((trunk) => trunk.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const expression = escaped.length === 1 ? `!^${escaped[0]}-` : `!^(${escaped.join('|')})-`
  return [
    note(
      check,
      `${calls}: if such a call dials an extension, ami-track logs it as an outbound call of ${listed(tracked)}`,
      `to skip them, use --outbound-channels '${expression}' (OUTBOUNDCHANNELS)`,
    ),
  ]
}
