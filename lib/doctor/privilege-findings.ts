import { OWN_EVENTS } from '../ami/own-events.ts'
import {
  additionOf,
  LIST_ACTIONS,
  type NeededAction,
  type PrivilegeLine,
  QUEUE_LOG_ACTION,
  USER_EVENT_ACTION,
} from '../ami/privileges.ts'
import { SHUTDOWN } from '../ami/shutdown.ts'
import { requiredEvents, type TrackerEntry } from '../trackers/row.ts'
import { trackers as allTrackers } from '../trackers/table.ts'
import type { Purpose, ServerFacts } from './facts.ts'
import { type Finding, listed, note, ok, wrong } from './finding.ts'

/** The actions that are of modules which may not be there. */
const MODULES: Readonly<Record<string, string>> = {
  QueueLog: 'app_queue.so',
  QueueStatus: 'app_queue.so',
  ParkedCalls: 'res_parking.so',
}

const RELOAD = "asterisk -rx 'manager reload', and restart ami-track: privileges are read at the login"

/** A class of `read`, and what for. */
interface NeededClass {
  readonly name: string
  readonly use: string
  readonly loss: string
}

/** Each privilege that the trackers, the resynchronisation and the lines need. */
export function privilegeFindings(purpose: Purpose, facts: ServerFacts): Finding[] {
  return [
    ...neededClasses(purpose).map((needed) => readFinding(needed, purpose, facts)),
    ...writeFindings(purpose, facts),
    ...moduleFindings(purpose, facts),
  ]
}

// ---- read

function neededClasses({ trackers, sink }: Purpose): NeededClass[] {
  const readersOf = (name: string): string[] =>
    trackers
      .filter((tracker) => [...requiredEvents(tracker)].some((event) => classOf(event) === name))
      .map(({ option }) => option)
  const ofTrackers = ['call', 'agent'].flatMap((name) => {
    const readers = listed(readersOf(name))
    const what = name === 'call' ? 'calls' : 'queues and their members'
    return readers === ''
      ? []
      : [{ name, use: `the events of ${what} for ${readers}`, loss: `${readers} cannot see ${what}` }]
  })
  const system = {
    name: 'system',
    use: 'starts and stops of Asterisk',
    loss: 'ami-track cannot distinguish a stop of Asterisk from a lost connection',
  }
  const user = {
    name: USER_EVENT_ACTION.privilege,
    use: 'signs of life of another ami-track',
    loss: USER_EVENT_ACTION.loss,
  }
  return [...ofTrackers, system, ...(sink.isShared ? [user] : [])]
}

/**
 * Which class of `read` shows an event that a tracker reads (16.28 and 22.10); undefined if it is one of our own, or an item
 * of a list, which needs none.
 */
export function classOf(event: string): 'system' | 'call' | 'agent' | undefined {
  if (OWN_EVENTS.has(event) || event === 'QueueMember') return undefined
  if (event === SHUTDOWN) return 'system'
  return /^(Agent|Queue)/.test(event) ? 'agent' : 'call'
}

function readFinding({ name, use, loss }: NeededClass, { login }: Purpose, facts: ServerFacts): Finding {
  const check = `read ${name}`
  const observed = observedOf(name, facts)
  const said = saidOf(name, facts)
  if (observed === true) return ok(check, `it shows ${use}`)
  if (observed === false && said === true) {
    const starting = name === 'system' ? '. If Asterisk is still starting, it does not send them yet: try again' : ''
    const finding = `manager.conf has ${name} in read = … of [${login}], but no such event arrived`
    return wrong(check, finding, `${RELOAD}${starting}`)
  }
  if (said === undefined && observed === undefined) {
    return note(
      check,
      `it is unknown whether [${login}] can read ${name} (${use}): Asterisk does not show it manager.conf`,
      `check it yourself: asterisk -rx "manager show user ${login}"`,
    )
  }
  if (said === true) return ok(check, `it shows ${use}`)
  return lacks(check, name, ['read'], login, loss)
}

function lacks(check: string, name: string, lines: readonly PrivilegeLine[], login: string, loss: string): Finding {
  return wrong(
    check,
    `${name} is missing in ${lines.join(' and ')} = … of [${login}] in manager.conf: ${loss}`,
    `${additionOf(name, lines, login)}, without a blank before or after it, then ${RELOAD}`,
  )
}

/** What the session itself showed of a class of `read`. */
function observedOf(name: string, { isFullyBootedSeen, userEvent }: ServerFacts): boolean | undefined {
  if (name === 'system') return isFullyBootedSeen
  if (name === USER_EVENT_ACTION.privilege) return userEvent?.isSeen
  return undefined
}

/** What Asterisk says of it: that which runs, or its configuration. */
export function saidOf(name: string, { readClasses, configuration }: ServerFacts): boolean | undefined {
  // To Asterisk a blank is a part of the word: `system, call` is system alone (16.28, 22.10).
  const classes = readClasses ?? (configuration && new Set(configuration.read.split(',')))
  return classes && (classes.has(name) || classes.has('all'))
}

// ---- write

/** What ami-track sends. */
export function neededActions({ sink }: Pick<Purpose, 'sink'>): NeededAction[] {
  return [...(sink.isShared ? [QUEUE_LOG_ACTION, USER_EVENT_ACTION] : []), ...LIST_ACTIONS]
}

function writeFindings(purpose: Purpose, { answers }: ServerFacts): Finding[] {
  const needed = neededActions(purpose)
  const privileges = new Set(needed.flatMap(({ privilege }) => privilege ?? []))
  return [...privileges].map((privilege) => {
    const check = `write ${privilege}`
    const actions = needed.filter((action) => action.privilege === privilege)
    const denied = actions.filter(({ name }) => answers.get(name) === 'denied')
    if (denied.length > 0) {
      const refused = `Asterisk refuses ${listed(denied.map(({ name }) => name))}`
      const loss = `${refused}, and ${listed(denied.map((action) => action.loss))}`
      return lacks(check, privilege, ['write'], purpose.login, loss)
    }
    const unanswered = actions.filter(({ name }) => answers.get(name) === 'unanswered')
    if (unanswered.length > 0) return note(check, `${listed(unanswered.map(({ name }) => name))} got no answer in time`)
    const known = actions.filter(({ name }) => answers.get(name) !== 'unknown')
    if (known.length > 0) return ok(check, `it permits ${listed(known.map(({ name }) => name))}`)
    const names = listed(actions.map(({ name }) => name))
    return note(
      check,
      `it is unknown whether it permits ${names}: Asterisk does not know ${actions.length > 1 ? 'them' : 'it'}`,
    )
  })
}

function moduleFindings({ trackers, ...purpose }: Purpose, { answers }: ServerFacts): Finding[] {
  const unknown = neededActions(purpose).filter(({ name }) => answers.get(name) === 'unknown')
  const modules = new Set(unknown.map(({ name }) => MODULES[name] ?? `the module of ${name}`))
  return [...modules].map((module) => {
    const actions = unknown.filter(({ name }) => (MODULES[name] ?? `the module of ${name}`) === module)
    const finding = `${module} is not loaded: Asterisk does not know ${listed(actions.map(({ name }) => name))}`
    const remedy = `asterisk -rx 'module load ${module}', and check modules.conf`
    const isOf = ({ modules }: TrackerEntry): boolean => modules.includes(module)
    const isNeeded = !allTrackers.some(isOf) || trackers.some(isOf)
    return isNeeded ? wrong('modules', finding, remedy) : note('modules', finding)
  })
}
