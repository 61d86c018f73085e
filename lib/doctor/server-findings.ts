import { requiredEvents } from '../trackers/row.ts'
import { isTrue, type Purpose, type ServerFacts } from './facts.ts'
import { type Finding, note, ok, someOf, wrong } from './finding.ts'

/** With so many ms, Asterisk was not seen to drop a reader that paused for 6 s (16.28, 22.10). */
const ENOUGH_WRITETIMEOUT_MS = 10_000
/** What Asterisk takes where nothing is said, or less than this (main/manager.c). */
const DEFAULT_WRITETIMEOUT_MS = 100
/** A greater difference is one that people see when they lay two logs beside each other, in ms. */
const CLOCKS_DIFFER_MS = 2000
/** The versions whose events and actions are known. */
const NEWEST_KNOWN = 23

const MANAGER_RELOAD = "asterisk -rx 'manager reload'"
const UNREADABLE = 'cannot be told: Asterisk does not say what is in manager.conf'

/** What runs there. */
export function versionFinding({ version, banner }: ServerFacts): Finding {
  const check = 'asterisk'
  if (version === undefined) {
    return note(check, `its version cannot be told without reporting in write = …; its manager is ${banner}`)
  }
  const major = Number(/^(?:certified\/)?(\d+)\./.exec(version)?.[1] ?? 0)
  if (major > NEWEST_KNOWN) {
    return note(check, `Asterisk ${version} is newer than what this ami-track knows (13 to ${NEWEST_KNOWN})`)
  }
  return ok(check, `Asterisk ${version}`)
}

export function writetimeoutFinding({ login }: Purpose, { configuration }: ServerFacts): Finding {
  const check = 'writetimeout'
  const remedy = `writetimeout = ${ENOUGH_WRITETIMEOUT_MS} in [${login}] of manager.conf, then ${MANAGER_RELOAD}`
  if (configuration === undefined)
    return note(check, `writetimeout of [${login}] ${UNREADABLE}`, `look there for ${remedy}`)
  const said = Number.parseInt(configuration.writetimeout, 10)
  const ms = said >= DEFAULT_WRITETIMEOUT_MS ? said : DEFAULT_WRITETIMEOUT_MS
  const uncounted =
    configuration.writetimeout === '' ? 'not set, which is' : `${configuration.writetimeout}, which counts as`
  const shown = ms === said ? `${ms} ms` : `${uncounted} ${ms} ms`
  if (ms >= ENOUGH_WRITETIMEOUT_MS) return ok(check, shown)
  return wrong(check, `${shown}: a busy moment of this machine is enough, and Asterisk drops the connection`, remedy)
}

export function timestampFinding({ isSameMachine }: Purpose, { userEvent, configuration }: ServerFacts): Finding {
  const check = 'timestampevents'
  const remedy = `timestampevents = yes in [general] of manager.conf, then ${MANAGER_RELOAD}`
  const isStamped = userEvent?.isSeen ? userEvent.isStamped : configuration && isTrue(configuration.timestampevents)
  if (isStamped === undefined)
    return note(check, `whether events carry their time ${UNREADABLE}`, `look there for ${remedy}`)
  if (isStamped) return ok(check, 'events carry the time at which they happened')
  const finding = 'events carry no time, and get the one at which they arrive'
  if (isSameMachine) return note(check, `${finding}, which is nearly as good on the same machine`, remedy)
  return wrong(check, `${finding}: a slow network makes waits and talks longer or shorter than they were`, remedy)
}

/** A class of `read` may be there, and some of its events not. */
export function eventFilterFinding({ login, trackers }: Purpose, { configuration }: ServerFacts): Finding {
  const check = 'event filters'
  if (configuration === undefined) return note(check, `whether some events are held back ${UNREADABLE}`)
  const { disabledevents, eventfilter } = configuration
  const disabled = disabledevents.split(',').map((name) => name.trimStart())
  const lacking = disabled.filter((name) => trackers.some((tracker) => requiredEvents(tracker).has(name)))
  if (lacking.length > 0) {
    return wrong(
      check,
      `disabledevents in manager.conf keeps ${someOf(lacking)} from all users`,
      `take ${lacking.length > 1 ? 'them' : 'it'} out of disabledevents in [general] of manager.conf, then restart Asterisk`,
    )
  }
  if (eventfilter === '') {
    return ok(
      check,
      'neither disabledevents nor eventfilter = … holds back an event that is needed; of lines as eventfilter(…) = … nothing ' +
        'can be told',
    )
  }
  return note(
    check,
    `manager.conf holds events of [${login}] back: eventfilter = ${eventfilter}`,
    'be sure that it lets pass all that is needed; "ami-track --noeventblacklisting 1 --debugfile FILE" shows what comes',
  )
}

export function clockFinding({ clock }: ServerFacts): Finding {
  const check = 'clock'
  if (clock === undefined)
    return note(check, 'the time of the PBX cannot be told: it does not say it in its answer to Ping')
  const { aheadMs, uncertaintyMs } = clock
  const apart = Math.abs(aheadMs)
  if (apart - uncertaintyMs <= CLOCKS_DIFFER_MS) {
    return ok(
      check,
      `that of the PBX and that of this machine are less than ${inSeconds(apart + uncertaintyMs)} s apart`,
    )
  }
  return wrong(
    check,
    `that of the PBX is ${inSeconds(apart)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} that of this machine: queue_log has ` +
      'the one, the log of ami-track and what reads queue_log here the other',
    'let both follow a time server (timedatectl set-ntp true, or chrony)',
  )
}

/** ms as seconds, with a digit more than the rounding hides. */
function inSeconds(ms: number): string {
  return (Math.ceil(ms / 10) / 100).toFixed(2)
}
