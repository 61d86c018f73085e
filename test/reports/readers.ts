import type { CallFact } from './call-facts.ts'
import { seconds } from './events.ts'
import { ISSABEL, type Recorded } from './merged-log.ts'
import type { SessionFact } from './session-facts.ts'

/** A number that a reader shows, or several: the columns of a row. */
type Row = readonly (string | number)[]

/** What a reader counts by a query of the queue_log, and the same of the dumps. */
export interface Count {
  what: string
  sql: string
  facts: (recorded: Recorded) => Row[]
  /** Which rows of the query are meant; all by default. Some of what a reader makes of a log is told in docs/reports.md. */
  isMeant?: (row: readonly string[], recorded: Recorded) => boolean
}

export interface Reader {
  /** Its preset; undefined for the vendor's default. */
  preset: string | undefined
  counts: readonly Count[]
}

const TRANSFERS = "('BLINDTRANSFER', 'ATTENDEDTRANSFER')"
const COMPLETES = "('COMPLETEAGENT', 'COMPLETECALLER')"
const IS_CALL = "callid NOT IN ('MANAGER', 'NONE', 'REALTIME')"
/** The wait and the talk in an end line: a transfer has two columns before them, one into another bridge three. */
const WAIT = `CAST(CASE WHEN event IN ${COMPLETES} THEN data1 WHEN data1 = 'LINK' THEN data4 ELSE data3 END AS UNSIGNED)`
const TALK = `CAST(CASE WHEN event IN ${COMPLETES} THEN data2 WHEN data1 = 'LINK' THEN SUBSTRING_INDEX(data5, '|', 1) ELSE data4 END AS UNSIGNED)`

const ofOwnLog = ({ ownLines, facts }: Recorded): CallFact[] =>
  facts.calls.filter(({ kind }) => kind !== 'queue' || ownLines.length > 0)
const answered = (recorded: Recorded): CallFact[] => ofOwnLog(recorded).filter((call) => call.answered !== undefined)
const ended = (recorded: Recorded): CallFact[] => answered(recorded).filter(({ talk }) => talk !== undefined)
const lost = (recorded: Recorded): CallFact[] => ofOwnLog(recorded).filter((call) => call.answered === undefined)
const sum = (numbers: readonly (number | undefined)[]): number =>
  numbers.reduce((all: number, one) => all + (one ?? 0), 0)

function grouped<T>(all: readonly T[], keyOf: (one: T) => string): [key: string, group: T[]][] {
  const groups = new Map<string, T[]>()
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one])
  return [...groups]
}

/** Whether a channel came into one queue or lot more than once: to those who know calls by callid and queue it is one call. */
function cameTwice({ facts }: Recorded, queue: string, callid?: string): boolean {
  const calls = facts.calls.filter((call) => call.queue === queue)
  const ids = calls
    .map(({ uniqueid }) => uniqueid)
    .filter((id) => callid === undefined || id === callid.replace(/^:/, ''))
  return new Set(ids).size < ids.length
}

/** Entries are ENTERQUEUE, and who is neither connected nor left is lost. */
const entries: Count = {
  what: 'calls of each queue by ENTERQUEUE: how many came, were answered and lost, and their waits and talks',
  sql: `
    SELECT recording, queuename, COUNT(DISTINCT IF(event = 'ENTERQUEUE', callid, NULL)) AS came, SUM(event = 'CONNECT'),
      COUNT(DISTINCT IF(event = 'ENTERQUEUE', callid, NULL)) - SUM(event = 'CONNECT'),
      SUM(IF(event = 'CONNECT', data1, 0)), SUM(IF(event IN ${COMPLETES}, data2, 0))
    FROM queue_log WHERE ${IS_CALL} AND event IN ('ENTERQUEUE', 'CONNECT', 'COMPLETEAGENT', 'COMPLETECALLER')
    GROUP BY recording, queuename;`,
  facts: (recorded) =>
    grouped(ofOwnLog(recorded), ({ queue }) => queue).map(([queue, calls]) => {
      const connected = calls.filter((call) => call.answered !== undefined)
      const talks = connected.filter(({ isTransferred }) => isTransferred === false).map(({ talk }) => talk)
      const waits = connected.map(({ wait }) => wait)
      return [queue, calls.length, connected.length, calls.length - connected.length, sum(waits), sum(talks)]
    }),
  isMeant: ([, queue = ''], recorded) => !cameTwice(recorded, queue),
}

const ofAgents = (who: 'person' | 'phone'): Count => ({
  what: 'calls of each agent, with waits and talks',
  sql: `
    SELECT recording, agent, SUM(event = 'CONNECT'), SUM(IF(event = 'CONNECT', data1, 0)),
      SUM(IF(event IN ${COMPLETES}, data2, 0))
    FROM queue_log WHERE ${IS_CALL} AND event IN ('CONNECT', 'COMPLETEAGENT', 'COMPLETECALLER')
    GROUP BY recording, agent;`,
  facts: (recorded) =>
    grouped(answered(recorded), (call) => (call.kind === 'queue' ? call.person : call[who]) ?? '').map(
      ([agent, calls]) => [
        agent,
        calls.length,
        sum(calls.map(({ wait }) => wait)),
        sum(calls.filter(({ isTransferred }) => isTransferred === false).map(({ talk }) => talk)),
      ],
    ),
})

/** Each end is joined with its beginning by callid and queue. */
const joined: Count = {
  what: 'each answered call, its end joined with its entry by callid and queue: the agent, the wait, the talk',
  sql: `
    SELECT DISTINCT ends.recording, ends.queuename, ends.callid, agent, wait, talk
    FROM (SELECT *, ${WAIT} AS wait, ${TALK} AS talk FROM queue_log WHERE event IN ${COMPLETES} OR event IN ${TRANSFERS}) AS ends
    INNER JOIN (SELECT recording, callid, queuename FROM queue_log WHERE event = 'ENTERQUEUE') AS entries
      ON entries.recording = ends.recording AND entries.callid = ends.callid AND entries.queuename = ends.queuename;`,
  facts: (recorded) =>
    ended(recorded).map(({ queue, uniqueid, person = '', wait = 0, talk = 0 }) => [
      queue,
      uniqueid,
      person,
      wait,
      talk,
    ]),
  isMeant: ([, queue = '', callid], recorded) => !cameTwice(recorded, queue, callid),
}

const unanswered: Count = {
  what: 'the calls that were given up or ran out of time, and how long they waited',
  sql: `
    SELECT recording, queuename, callid, data3 FROM queue_log WHERE event IN ('ABANDON', 'EXITWITHTIMEOUT');`,
  facts: (recorded) => lost(recorded).map(({ queue, uniqueid, wait = 0 }) => [queue, uniqueid, wait]),
}

/** Every ADDMEMBER is a log-in, whatever its queue. */
const logins: Count = {
  what: 'log-ins of each agent by ADDMEMBER',
  sql: `SELECT recording, agent, COUNT(*) FROM queue_log WHERE event = 'ADDMEMBER' GROUP BY recording, agent;`,
  facts: ({ ownLines, facts, name }) =>
    ownLines.length === 0
      ? []
      : grouped(facts.sessions, (session) => (name === ISSABEL ? session.person : session.phone)).map(
          ([agent, all]) => [agent, all.length],
        ),
}

/** How long each agent is logged in where there is one row an agent, which triggers keep up to date. */
const oneRowAnAgent: Count = {
  what: 'seconds logged in of each agent, of one row an agent',
  sql: 'SELECT recording, agent, seconds FROM agents WHERE since IS NULL;',
  // Asterisk takes the time of its line a moment before or after that of its event: a second may end in between.
  isMeant: ([, agent], { facts }) =>
    !facts.sessions.some(
      ({ person, phone, from, to = from }) =>
        (person === agent || phone === agent) && [from, to].some((at) => Math.abs((at % 1) - 0.5) > 0.45),
    ),
  facts: ({ ownLines, facts, name }) =>
    ownLines.length === 0
      ? []
      : grouped(facts.sessions, (session) => (name === ISSABEL ? session.person : session.phone)).flatMap(
          ([agent, all]) => (all.some(({ to }) => to === undefined) ? [] : [[agent, secondsIn(all)]]),
        ),
}

/** The agent's row says logged in from the first log-in on, until the first log-out from any queue. */
function secondsIn(sessions: readonly SessionFact[]): number {
  const moments = sessions.flatMap(({ from, to = from }) => [
    { at: from, isIn: true },
    { at: to, isIn: false },
  ])
  let since: number | undefined
  let all = 0
  for (const { at, isIn } of moments.sort((one, other) => one.at - other.at)) {
    if (isIn) since ??= at
    else if (since !== undefined) {
      all += seconds(since, at)
      since = undefined
    }
  }
  return all
}

export const AGENTS_TABLE = `
  CREATE TABLE agents (
    recording VARCHAR(80), agent VARCHAR(80), since DATETIME(6), seconds INT NOT NULL DEFAULT 0, PRIMARY KEY (recording, agent)
  ) CHARACTER SET utf8mb4;
  CREATE TRIGGER keep_agents AFTER INSERT ON queue_log FOR EACH ROW BEGIN
    IF NEW.event = 'ADDMEMBER' THEN
      INSERT INTO agents (recording, agent, since) VALUES (NEW.recording, NEW.agent, NEW.time)
        ON DUPLICATE KEY UPDATE since = COALESCE(since, NEW.time);
    ELSEIF NEW.event = 'REMOVEMEMBER' THEN
      UPDATE agents SET seconds = seconds + IF(since IS NULL, 0, TIMESTAMPDIFF(SECOND, since, NEW.time)), since = NULL
        WHERE recording = NEW.recording AND agent = NEW.agent;
    END IF;
  END;`

/** A callid is the time at which its call began. */
const epochs: Count = {
  what: 'when each call began, by its callid',
  sql: `
    SELECT recording, queuename, CAST(callid AS UNSIGNED) FROM queue_log
    WHERE event IN ('ABANDON', 'EXITWITHTIMEOUT') OR event IN ${COMPLETES} OR event IN ${TRANSFERS};`,
  facts: (recorded) =>
    [...lost(recorded), ...ended(recorded)].map(({ queue, uniqueid }) => [queue, Number.parseInt(uniqueid, 10) || 0]),
}

/** A callid has one number: with two the whole query fails. */
const numbers: Count = {
  what: 'the number of each call, looked up by its callid',
  sql: `
    SELECT recording, queuename, callid, (
      SELECT DISTINCT data2 FROM queue_log AS entries
      WHERE entries.event = 'ENTERQUEUE' AND entries.recording = ends.recording AND entries.callid = ends.callid
    ) FROM queue_log AS ends
    WHERE event IN ('ABANDON', 'EXITWITHTIMEOUT') OR event IN ${COMPLETES};`,
  facts: (recorded) =>
    [...lost(recorded), ...ended(recorded).filter(({ isTransferred }) => isTransferred === false)]
      .filter(({ kind }) => kind !== 'outbound')
      .map(({ queue, uniqueid, number }) => [queue, uniqueid, number]),
  isMeant: ([, queue = '']) => !/^_?q-/.test(queue),
}

const SESSIONS = `
  SELECT recording, queuename, agent, UNIX_TIMESTAMP(time) DIV 1, (
    SELECT UNIX_TIMESTAMP(outs.time) DIV 1 FROM queue_log AS outs
    WHERE outs.event = 'REMOVEMEMBER' AND outs.recording = ins.recording AND outs.queuename = ins.queuename
      AND outs.agent = ins.agent AND outs.time > ins.time ORDER BY outs.time LIMIT 1
  ) FROM queue_log AS ins WHERE event = 'ADDMEMBER' AND queuename NOT RLIKE '^(_?q|pk)-'`

const sessionRow = (session: SessionFact): Row => [
  session.queue,
  nameOf(session),
  Math.floor(session.from),
  session.to === undefined ? 'NULL' : Math.floor(session.to),
]
/** A name as it can stand in a column. */
const nameOf = ({ person }: SessionFact): string => person.replaceAll('|', '_')
const isLocal = ({ phone }: SessionFact): boolean => /^Local\/.*@from-queue\/n$/.test(phone)

/** Agents called by their Local channel are left out: on FreePBX all members are. */
const namedSessions: Count = {
  what: 'sessions of each member that has a Local channel, by name, from ADDMEMBER to the next REMOVEMEMBER',
  sql: `${SESSIONS} AND agent NOT LIKE 'Local/%@from-queue/n';`,
  facts: ({ facts }) => facts.sessions.filter(isLocal).map(sessionRow),
  isMeant: ([, queue, agent], { name, facts }) =>
    name !== ISSABEL && facts.sessions.some((one) => isLocal(one) && one.queue === queue && nameOf(one) === agent),
}

/** Asterisk of this one logs members in by their names. */
const issabelSessions: Count = {
  what: 'sessions of each member where Asterisk logs names in itself',
  sql: `${SESSIONS} AND recording = '${ISSABEL}';`,
  facts: ({ name, facts }) => (name === ISSABEL ? facts.sessions.map(sessionRow) : []),
}

const interfacesTold: Count = {
  what: 'where each member sits, by HOTDESKING',
  sql: `SELECT recording, queuename, agent, data1 FROM queue_log WHERE event = 'HOTDESKING';`,
  facts: ({ facts }) =>
    facts.sessions
      .filter(({ person, phone }) => person !== '' && person !== phone)
      .map((session) => [session.queue, nameOf(session), session.phone]),
}

const holds: Count = {
  what: 'how often each call was put on hold',
  sql: `
    SELECT recording, queuename, callid, COUNT(*) FROM queue_log WHERE event = 'CALLERONHOLD'
    GROUP BY recording, queuename, callid;`,
  facts: (recorded) =>
    // Of a queue's call it does not matter whether Asterisk's own lines were kept.
    grouped(
      recorded.facts.calls.filter((call) => call.holds > 0),
      ({ queue, uniqueid }) => JSON.stringify([queue, uniqueid]),
    ).map(([, calls]) => [calls[0]?.queue ?? '', calls[0]?.uniqueid ?? '', sum(calls.map((call) => call.holds))]),
}

const calledOut: Count = {
  what: 'outbound calls by CALLOUTBOUND, and the phones that called',
  sql: `SELECT recording, queuename, callid, agent FROM queue_log WHERE event = 'CALLOUTBOUND';`,
  facts: ({ facts }) =>
    facts.calls
      .filter(({ kind }) => kind === 'outbound')
      .map(({ queue, uniqueid, phone = '' }) => [queue, uniqueid, phone]),
}

/** What each reader counts, in its manner. None of them is the reader's own code. */
export const readers: readonly Reader[] = [
  { preset: undefined, counts: [calledOut, ofAgents('phone'), unanswered, holds] },
  { preset: 'asternic', counts: [ofAgents('person'), unanswered, logins, oneRowAnAgent] },
  { preset: 'qpanel', counts: [entries, ofAgents('person'), unanswered] },
  { preset: 'wazo', counts: [joined, ofAgents('person'), unanswered, holds] },
  { preset: 'nethvoice', counts: [epochs, numbers, namedSessions, ofAgents('person'), interfacesTold] },
  { preset: 'issabel', counts: [issabelSessions, interfacesTold, ofAgents('person'), holds] },
]
