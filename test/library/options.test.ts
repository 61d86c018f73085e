import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { callChanges, followCalls } from '../../lib/calls.ts'
import { CONNECTION_DEFAULTS } from '../../lib/connection/settings.ts'
import { AmiConnection, type ConnectionOptions } from '../../lib/connection.ts'
import { connectOptions } from '../../lib/daemon/connect-options.ts'
import {
  amiFilter,
  amiParse,
  batchStage,
  createTrackers,
  queueLogRecords,
  queueLogText,
  readNdjson,
  type TrackerSettings,
  track,
  trackerStage,
} from '../../lib/index.ts'
import { AmiParser, HeaderMessage, readMessages } from '../../lib/parser.ts'
import { AmiSink, FileSink, queueLogLine, queueLogRecord, readQueueLog } from '../../lib/queue-log.ts'
import { trackerKinds } from '../../lib/trackers/table.ts'
import { root } from '../support/package.ts'

/** What no option takes. */
const ODD = [
  null,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  -1,
  1.5,
  '',
  'no such word',
  [],
  {},
  () => {},
  Symbol('odd'),
  1n,
]

/** A value of each option, and so a list of them that the compiler compares with the type. */
const trackerSettings: Required<Record<keyof TrackerSettings, unknown>> = {
  outboundcalls: true,
  parkedcalls: true,
  moh: false,
  hotdesking: 'names',
  outboundthreshold: 0,
  'hidden-channels': '(?i)^sip/',
  'outbound-channels': '!^PJSIP/provider',
  'outbound-numbers': String.raw`^\+?\d{5,}`,
  'outbound-contexts': '!^from-trunk',
  outboundverb: 'both',
  parkinglabel: false,
  agentname: 'member',
  joinlines: false,
  rewriteuniqueids: false,
}
const LOGIN = { login: 'tracker', secret: 'tr4ck' }
const connectionOptions: Required<Record<Exclude<keyof ConnectionOptions, 'shared'>, unknown>> = {
  login: 'tracker',
  secret: 'tr4ck',
  host: 'pbx.example',
  port: 5039,
  auth: 'plain',
  tls: { servername: 'pbx' },
  eventMask: 'on',
  pingIntervalMs: 1,
  deadPeerMs: 60_000,
  loginTimeoutMs: 1,
  maxWaitingBytes: 1,
  resynchronises: false,
  relistMs: 1,
  overflowEventMask: 'user',
}

/** What JavaScript may call a function with, whatever its type is. */
const withAny = <T>(make: (options: never) => T): ((options: unknown) => T) => make as (options: unknown) => T
const link = { onUp: () => {}, onDown: () => {}, request: () => {}, caughtUp: () => {} }

/** Each public function that takes options: one that it has, and what it makes with options. */
const TAKERS: Readonly<Record<string, readonly [option: string, make: (options: unknown) => unknown]>> = {
  track: ['outboundcalls', withAny(track)],
  createTrackers: ['outboundcalls', withAny(createTrackers)],
  amiParse: ['allEvents', withAny(amiParse)],
  amiFilter: ['allEvents', withAny(amiFilter)],
  queueLogRecords: ['keepsTimes', withAny(queueLogRecords)],
  AmiParser: ['tellsGaps', withAny((options) => new AmiParser(options, () => {}))],
  readMessages: ['tellsGaps', withAny((options) => readMessages([], options))],
  followCalls: ['follows', withAny(followCalls)],
  callChanges: ['follows', withAny(callChanges)],
  AmiConnection: ['host', withAny((options: object) => new AmiConnection({ ...LOGIN, ...options } as never))],
  AmiSink: ['onSent', withAny((options: object) => new AmiSink(link as never, { login: 'a', ...options } as never))],
  FileSink: ['onError', withAny((options) => new FileSink('/dev/null/none', options))],
  readQueueLog: ['follow', withAny((options) => readQueueLog('queue_log', options))],
  queueLogRecord: ['agent', withAny((line: object) => queueLogRecord({ time: 1, event: 'X', ...line } as never))],
  queueLogLine: ['agent', withAny((line: object) => queueLogLine({ time: 1, event: 'X', ...line } as never))],
}

describe('every function that takes options', () => {
  for (const [name, [option, make]] of Object.entries(TAKERS)) {
    it(`${name} names the option that is unknown, and the one that was meant`, () => {
      const typo = `${option}s`
      const thrown = { name: 'TypeError', message: `${name}: there is no option ${typo}: did you mean ${option}?` }
      assert.throws(() => make({ [typo]: true }), thrown)
    })

    it(`${name} names the option whose value is of another kind`, () => {
      assert.throws(() => make({ [option]: null }), {
        name: 'TypeError',
        message: new RegExp(`^${name}: ${option} takes `),
      })
    })
  }

  it('takes an object alone', () => {
    for (const options of [null, 5, 'moh', []]) {
      assert.throws(() => withAny(track)(options), {
        name: 'TypeError',
        message: /^track takes an object of options, not /,
      })
    }
  })
})

describe('the options of trackers', () => {
  it('are those of the command line', () => {
    assert.deepEqual(Object.keys(trackerSettings).sort(), Object.keys(trackerKinds).sort())
  })

  for (const [name, value] of Object.entries(trackerSettings)) {
    it(`${name} may be given alone, and every other value is one of its own or refused`, () => {
      createTrackers({ [name]: value })
      createTrackers({ [name]: undefined })
      const isText = typeof value === 'string' && trackerKinds[name]?.words === undefined
      for (const odd of ODD.filter((one) => !isText || typeof one !== 'string')) {
        const thrown = { name: 'TypeError', message: new RegExp(`^createTrackers: ${name} `) }
        assert.throws(() => withAny(createTrackers)({ [name]: odd }), thrown, String(odd))
      }
    })
  }

  it('have the defaults that their words say', () => {
    const kinds = Object.entries(trackerKinds).filter(([, { fallback }]) => fallback !== undefined)
    const said = defaultsIn('lib/trackers/settings.ts')
    assert.deepEqual(said, Object.fromEntries(kinds.map(([name, { fallback }]) => [name, fallback])))
  })

  it('say what in a regular expression is wrong', () => {
    assert.throws(() => track({ 'outbound-numbers': '(' }), {
      name: 'TypeError',
      message: 'track: outbound-numbers "(" is not a regular expression: missing closing ), at "("',
    })
  })
})

describe('the options of a connection', () => {
  for (const [name, value] of Object.entries(connectionOptions)) {
    it(`${name} may be given alone, and is never a number that is none`, () => {
      new AmiConnection({ ...LOGIN, [name]: value })
      for (const odd of [Number.NaN, null, Symbol('odd')]) {
        const thrown = { name: 'TypeError', message: new RegExp(`^AmiConnection: ${name} takes `) }
        assert.throws(
          () => withAny((options: ConnectionOptions) => new AmiConnection(options))({ ...LOGIN, [name]: odd }),
          thrown,
        )
      }
    })
  }

  it('have the defaults that their words say, and the command line has the same', () => {
    assert.deepEqual(defaultsIn('lib/connection/settings.ts'), { ...CONNECTION_DEFAULTS, tls: false })
    const { host, auth, tls, pinginterval, deadpeerlimit } = connectOptions
    assert.deepEqual(
      [host, auth, tls, pinginterval, deadpeerlimit].map(({ fallback }) => fallback),
      ['127.0.0.1', 'md5', false, 10_000, 30_000],
    )
  })

  it('never show a secret', () => {
    const make = withAny((options: ConnectionOptions) => new AmiConnection(options))
    assert.throws(() => make({ login: 'tracker', secret: ['tr4ck'] }), {
      message: 'AmiConnection: secret takes a text that is not empty',
    })
  })

  it('are not without a login and its secret', () => {
    const make = withAny((options: ConnectionOptions) => new AmiConnection(options))
    assert.throws(() => make({ secret: 'tr4ck' }), /^TypeError: AmiConnection: the option login is missing/)
    assert.throws(() => make({ login: 'tracker' }), /^TypeError: AmiConnection: the option secret is missing/)
    assert.throws(() => make(undefined), /^TypeError: AmiConnection takes an object of options, not undefined/)
  })

  it('may not contradict themselves', () => {
    assert.throws(
      () => new AmiConnection({ ...LOGIN, deadPeerMs: 10_000 }),
      /^TypeError: AmiConnection: deadPeerMs 10000 must be more/,
    )
  })
})

describe('every other argument', () => {
  const CALLS: Readonly<Record<string, () => unknown>> = {
    'AmiParser: onMessage takes a function': () => new AmiParser({}, undefined as never),
    'AmiParser: onReport takes a function': () => new AmiParser({}, () => {}, 5 as never),
    'AmiParser: chunk takes bytes': () => new AmiParser({}, () => {}).feed('Event: Hold\r\n\r\n' as never),
    'HeaderMessage: headers takes a Map': () => new HeaderMessage({ Event: 'Hold' } as never),
    'readMessages: source takes an iterable of bytes': () => readMessages(undefined as never),
    'AmiConnection: log takes an object with the methods debug': () => new AmiConnection(LOGIN, {} as never),
    'AmiSink: link takes an AmiConnection': () => new AmiSink({} as never, { login: 'tracker' }),
    'AmiSink: the option login is missing': () => new AmiSink(link as never, {} as never),
    'FileSink: path takes a text': () => new FileSink(undefined as never),
    'readQueueLog: path takes a text': () => readQueueLog('' as never),
    'queueLogRecord: the option event is missing': () => queueLogRecord({ time: 1 } as never),
    'queueLogLine: time takes seconds since the epoch': () => queueLogLine({ time: Date.now(), event: 'X' }),
    'trackerStage: tracking takes what createTrackers\\(\\) gives': () => trackerStage({} as never),
    'batchStage: pass takes a function': () => batchStage(undefined as never),
    'readNdjson: needsHeaders takes a function': () => readNdjson([] as never),
    'queueLogText: onSettled takes a function': () => queueLogText({} as never),
  }
  for (const [message, call] of Object.entries(CALLS)) {
    it(`is checked: ${message.replaceAll('\\', '')}`, () => {
      assert.throws(call, { name: 'TypeError', message: new RegExp(`^${message}`) })
    })
  }
})

/** What the words of each option say of its default. */
function defaultsIn(path: string): Record<string, unknown> {
  const source = readFileSync(join(root, path), 'utf8')
  const said = source.matchAll(/@defaultValue (.*)\n {3}\*\/\n {2}'?([\w-]+)'?\?:/g)
  return Object.fromEntries(
    [...said].map(([, value = '', name = '']) => [name, JSON.parse(value.replaceAll("'", '"'))]),
  )
}
