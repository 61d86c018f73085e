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
const UNREADABLE = 'is unknown: Asterisk does not show manager.conf'

/** What runs there. */
export function versionFinding({ version, banner }: ServerFacts): Finding {
  const check = 'asterisk'
  if (version === undefined) {
    return note(check, `unknown: reporting is missing in write = …; its manager is ${banner}`)
  }
  const major = Number(/^(?:certified\/)?(\d+)\./.exec(version)?.[1] ?? 0)
  if (major > NEWEST_KNOWN) {
    return note(
      check,
      `Asterisk ${version} is newer than the versions that this ami-track knows (13 to ${NEWEST_KNOWN})`,
    )
  }
  return ok(check, `Asterisk ${version}`)
}

export function writetimeoutFinding({ login }: Purpose, { configuration }: ServerFacts): Finding {
  const check = 'writetimeout'
  const remedy = `set writetimeout = ${ENOUGH_WRITETIMEOUT_MS} in [${login}] of manager.conf, then ${MANAGER_RELOAD}`
  if (configuration === undefined)
    return note(check, `writetimeout of [${login}] ${UNREADABLE}`, `check there: ${remedy}`)
  const said = Number.parseInt(configuration.writetimeout, 10)
  const ms = said >= DEFAULT_WRITETIMEOUT_MS ? said : DEFAULT_WRITETIMEOUT_MS
  const uncounted =
    configuration.writetimeout === '' ? 'not set, which means' : `${configuration.writetimeout}, which means`
  const shown = ms === said ? `${ms} ms` : `${uncounted} ${ms} ms`
  if (ms >= ENOUGH_WRITETIMEOUT_MS) return ok(check, shown)
  return wrong(
    check,
    `${shown}: that is too short. If this machine is busy for a moment, Asterisk closes the connection`,
    remedy,
  )
}

export function timestampFinding({ isSameMachine }: Purpose, { userEvent, configuration }: ServerFacts): Finding {
  const check = 'timestampevents'
  const remedy = `set timestampevents = yes in [general] of manager.conf, then ${MANAGER_RELOAD}`
  const isStamped = userEvent?.isSeen ? userEvent.isStamped : configuration && isTrue(configuration.timestampevents)
  if (isStamped === undefined)
    return note(check, `whether events have timestamps ${UNREADABLE}`, `check there: ${remedy}`)
  if (isStamped) return ok(check, 'events have the time when they happened')
  const finding = 'events have no time, so ami-track uses the time when they arrive'
  if (isSameMachine) return note(check, `${finding}. On the same machine that is nearly as good`, remedy)
  return wrong(check, `${finding}. With a slow network, wait and talk times are wrong`, remedy)
}

/** A class of `read` may be there, and some of its events not. */
export function eventFilterFinding({ login, trackers }: Purpose, { configuration }: ServerFacts): Finding {
  const check = 'event filters'
  if (configuration === undefined) return note(check, `whether Asterisk filters events ${UNREADABLE}`)
  const { disabledevents, eventfilter } = configuration
  const disabled = disabledevents.split(',').map((name) => name.trimStart())
  const lacking = disabled.filter((name) => trackers.some((tracker) => requiredEvents(tracker).has(name)))
  if (lacking.length > 0) {
    return wrong(
      check,
      `disabledevents in manager.conf blocks ${someOf(lacking)} for all users`,
      `remove ${lacking.length > 1 ? 'them' : 'it'} from disabledevents in [general] of manager.conf, then restart Asterisk`,
    )
  }
  if (eventfilter === '') {
    return ok(
      check,
      'disabledevents and eventfilter = … block no event that is needed; doctor cannot check lines such as ' +
        'eventfilter(…) = …',
    )
  }
  return note(
    check,
    `manager.conf filters the events of [${login}]: eventfilter = ${eventfilter}`,
    'check that it lets all needed events pass; "ami-track --noeventblacklisting 1 --debugfile FILE" shows which events arrive',
  )
}

export function clockFinding({ clock }: ServerFacts): Finding {
  const check = 'clock'
  if (clock === undefined) return note(check, 'the time of the PBX is unknown: its answer to Ping has no time')
  const { aheadMs, uncertaintyMs } = clock
  const apart = Math.abs(aheadMs)
  if (apart - uncertaintyMs <= CLOCKS_DIFFER_MS) {
    return ok(
      check,
      `the clocks of the PBX and of this machine differ by less than ${inSeconds(apart + uncertaintyMs)} s`,
    )
  }
  return wrong(
    check,
    `the clock of the PBX is ${inSeconds(apart)} s ${aheadMs > 0 ? 'ahead of' : 'behind'} the clock of this machine: queue_log has ` +
      'the time of the PBX, the log of ami-track has the time of this machine',
    'synchronize both with a time server (timedatectl set-ntp true, or chrony)',
  )
}

/** ms as seconds, with a digit more than the rounding hides. */
function inSeconds(ms: number): string {
  return (Math.ceil(ms / 10) / 100).toFixed(2)
}
