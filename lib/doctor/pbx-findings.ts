import type { Beat } from '../election/beat.ts'
import { PARKED, parkedQueue } from '../trackers/fields.ts'
import type { TrackerEntry } from '../trackers/row.ts'
import { trackers as allTrackers } from '../trackers/table.ts'
import { LISTEN_MS, type Purpose, type QueueMember, type ServerFacts } from './facts.ts'
import { counted, type Finding, listed, note, ok, someOf, wrong } from './finding.ts'
import { saidOf } from './privilege-findings.ts'

const TRACKERS = 'other trackers'

/** Whoever else writes lines, as far as it can be noticed. */
export function otherTrackersFindings(purpose: Purpose, facts: ServerFacts): Finding[] {
  return [...amiTrackFindings(purpose, facts), ...sessionFindings(purpose, facts)]
}

function amiTrackFindings({ sink, standby }: Purpose, facts: ServerFacts): Finding[] {
  const { trackers } = facts
  const writing = trackers.filter(({ role }) => role === 'active')
  const places = listed(writing.map(({ place }) => place))
  if (writing.length > 1) {
    return [
      wrong(
        TRACKERS,
        `${writing.length} ami-track write the queue_log of this PBX at the same time, on ${places}: every line appears twice`,
        'add user to read = … and write = … of the manager user of each of them, or stop all but one',
      ),
    ]
  }
  const one = writing[0] ?? trackers.find(({ role }) => role === 'leaving')
  if (one !== undefined) return [oneWrites(one, sink.isShared, standby)]
  if (trackers.length > 0) {
    return [note(TRACKERS, `an ami-track runs on ${listed(trackers.map(({ place }) => place))}, but does not write`)]
  }
  const isDeaf = facts.userEvent === undefined ? saidOf('user', facts) !== true : !facts.userEvent.isSeen
  if (isDeaf) {
    return [
      note(
        TRACKERS,
        'it is unknown whether another ami-track writes the queue_log of this PBX: user is missing in read = …',
      ),
    ]
  }
  return [ok(TRACKERS, `within ${LISTEN_MS / 1000} s no other ami-track gave a sign of life`)]
}

function oneWrites({ place }: Beat, isShared: boolean, standby: boolean): Finding {
  const finding = `an ami-track on ${place} writes the queue_log of this PBX`
  if (!isShared) return note(TRACKERS, `${finding}; that does not matter here, because these lines go to another file`)
  if (standby) return note(TRACKERS, `${finding}: if you start another one now, it is on standby`)
  return wrong(
    TRACKERS,
    `${finding}: if you start another one now with --standby 0, it ends immediately`,
    'stop that one first, or use --standby 1. If it is the daemon that you check here, everything is fine',
  )
}

/** A tracker of somebody else's gives no sign of life, but it has to log in. */
function sessionFindings({ login }: Purpose, { otherSessions = 0, trackers }: ServerFacts): Finding[] {
  const others = otherSessions - trackers.length
  if (others <= 0) return []
  const finding = `${counted(others, 'other session')} of [${login}] without a sign of life of ami-track`
  return [
    note(
      'sessions',
      finding,
      'asterisk -rx "manager show connected" shows where it comes from. If it is another tracker (uniloader track), it also ' +
        'writes lines: stop one of them',
    ),
  ]
}

/** What of the queues makes a difference for a tracker. */
export function memberFindings({ trackers }: Purpose, { members }: ServerFacts): Finding[] {
  if (members === undefined) return [note('Local members', 'ami-track cannot ask for the members of queues')]
  const [readsNames] = ofMembers(trackers)
  return [localFinding(members), ...(readsNames ? namesFindings(members, readsNames) : [])]
}

/**
 * Where a Local pair is optimised away, only the StateInterface tells whose phone is in the queue's bridge after a lost
 * connection (see lib/resync/comparison.ts). A pair with /n stays, and its half is listed as the member's.
 */
function localFinding(members: readonly QueueMember[]): Finding {
  const check = 'Local members'
  const local = members.filter(({ location }) => isLocal(location))
  if (local.length === 0) return ok(check, 'no queue has Local members')
  const unknown = local.filter((member) => !staysLocal(member) && !namesPhone(member))
  const queues = `${counted(local.length, 'Local member')} in ${someOf(queuesOf(local))}`
  if (unknown.length === 0) return ok(check, `${queues}: each of them has /n or names its phone`)
  const shown = unknown.map(({ queue, location }) => `${location} in ${queue}`)
  const isUnseen = unknown.some(({ stateInterface }) => stateInterface === '' || isLocal(stateInterface))
  return wrong(
    check,
    `${someOf(shown)} ${unknown.length > 1 ? 'name no phones' : 'names no phone'}: a call that is connected when ami-track loses ` +
      `its connection is not followed any more${isUnseen ? ', and Asterisk itself does not see that the phone is busy' : ''}`,
    'set the phone as the state interface (queues.conf: member => Local/1001@from-queue,0,Ann,PJSIP/1001; ' +
      'AddQueueMember and QueueAdd have a parameter StateInterface)',
  )
}

/** `Local/1001@from-queue/n`: Asterisk does not optimise it away. */
function staysLocal({ location }: QueueMember): boolean {
  return /\/[a-z]*n[a-z]*$/i.test(location.slice('Local/'.length))
}

/**
 * `PJSIP/1001`, or `Agent:1001` of app_agent_pool, whose phone runs AgentLogin of that agent. Not `hint:1001@ext-local` or
 * `Custom:1001`: these are busy, but no channel tells that it is theirs.
 */
function namesPhone({ stateInterface }: QueueMember): boolean {
  return /^[^:/]+\/|^Agent:/.test(stateInterface) && !isLocal(stateInterface)
}

function isLocal(location: string): boolean {
  return /^Local\//i.test(location)
}

/** The trackers that follow who is logged in to queues. */
function ofMembers(some: readonly TrackerEntry[]): TrackerEntry[] {
  return some.filter(({ follows }) => follows.includes('members'))
}

function namesFindings(members: readonly QueueMember[], { option }: TrackerEntry): Finding[] {
  const named = members.filter(({ name, location }) => name !== '' && name !== location)
  if (members.length === 0 || named.length > 0) return []
  return [
    note(
      'member names',
      `no logged-in queue member has a name: ${option} writes nothing for members without a name`,
      'log in members with a name (MemberName of QueueAdd, the fourth argument of AddQueueMember)',
    ),
  ]
}

function queuesOf(members: readonly QueueMember[]): string[] {
  return [...new Set(members.map(({ queue }) => queue))]
}

/** The trackers that make queues of parking lots. */
function ofParkings(some: readonly TrackerEntry[]): TrackerEntry[] {
  return some.filter(({ queues }) => queues.includes(PARKED))
}

/** On which queues parked calls will be. */
export function parkingFinding({ trackers }: Purpose, { lots, answers }: ServerFacts): Finding {
  const check = 'parking lots'
  if (lots === undefined) {
    const answer = answers.get('ParkedCalls')
    if (answer === 'unknown') return note(check, 'none: res_parking.so is not loaded')
    if (answer === 'denied') return note(check, 'ami-track cannot ask for them: call is missing in write = …')
    return note(check, 'unknown: Asterisk did not answer')
  }
  if (lots.length === 0) return note(check, 'none')
  const isOn = ofParkings(trackers).length > 0
  const options = listed(ofParkings(allTrackers).map(({ option }) => `--${option} 1`))
  const queues = someOf(lots.map((lot) => `${lot} as ${parkedQueue(lot)}`))
  return note(check, `${isOn ? 'ami-track logs' : `with ${options}, ami-track would log`} calls of ${queues}`)
}
