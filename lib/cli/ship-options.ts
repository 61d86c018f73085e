import { FILES } from '../files/uses.ts'
import { file, flag, listenAddress, type OptionKind, oneOf, text, UsageError, wholeNumber } from '../options/kinds.ts'
import { readSourcePlace, type SourcePlace } from '../ship/place.ts'
import { DIALECTS } from '../ship/row-shape.ts'
import { Zone } from '../ship/zone.ts'

/** The options of qlog-ship. */
export const shipOptions = {
  from: source(),
  to: text('ADDRESS'),
  pbx: text('NAME'),
  dialect: oneOf(DIALECTS, 'asterisk'),
  table: text('TABLE'),
  timezone: zone(),
  partition: text('NAME'),
  serverid: text('NAME'),
  begin: oneOf(['start', 'end'], 'start'),
  once: flag(),
  schema: flag(),
  check: flag(),
  'from-secret-file': file(FILES.secret),
  'to-secret-file': file(FILES.secret),
  'nats-creds': file(FILES.credentials),
  replicas: wholeNumber(1),
  metrics: listenAddress(),
  settings: file(FILES.settings),
}

/** The keys of its settings file. */
export const SHIP_SETTINGS: Readonly<Record<string, string>> = {
  FROM: 'from',
  TO: 'to',
  PBX: 'pbx',
  DIALECT: 'dialect',
  TABLE: 'table',
  TIMEZONE: 'timezone',
  PARTITION: 'partition',
  SERVERID: 'serverid',
  BEGIN: 'begin',
  FROMSECRET: 'from-secret',
  FROMSECRETFILE: 'from-secret-file',
  TOSECRET: 'to-secret',
  TOSECRETFILE: 'to-secret-file',
  NATSCREDS: 'nats-creds',
  REPLICAS: 'replicas',
  METRICS: 'metrics',
}

/** `--from FILE`, or nats://…; undefined if not given. */
function source(): OptionKind<string | Exclude<SourcePlace, { kind: 'file' }> | undefined> {
  const path = file(FILES.followedQueueLog)
  return {
    ...path,
    read: (name, value) => {
      const place = value === '' ? path.read(name, value) : readSourcePlace(value)
      if (typeof place === 'string') throw new UsageError(`--${name} ${place}`)
      return place?.kind === 'file' ? path.read(name, place.path) : place
    },
  }
}

/** `--timezone Europe/Berlin`; by default that of this machine. */
function zone(): OptionKind<Zone> {
  return {
    fallback: new Zone(undefined),
    shown: 'ZONE',
    read: (name, value) => {
      try {
        return new Zone(value)
      } catch {
        throw new UsageError(`--${name} takes a time zone, such as UTC or Europe/Berlin`)
      }
    },
  }
}
