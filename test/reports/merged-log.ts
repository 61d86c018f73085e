import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AmiMessage } from '../../lib/ami/message.ts'
import { readOptions } from '../../lib/cli/options.ts'
import { trackerOptions } from '../../lib/cli/tracker-options.ts'
import type { OptionKinds, OptionValues } from '../../lib/options/kinds.ts'
import { formatQueueLogLine } from '../../lib/queue-log/record.ts'
import { chosenTrackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { allFixtures, fixture } from '../support/fixtures.ts'
import { root } from '../support/package.ts'
import { messagesOf } from '../support/recorded.ts'
import { type DumpFacts, factsOf } from './call-facts.ts'

/** Options as they are typed, by their names. */
export type Texts = Readonly<Record<string, string>>

/** A recording, the lines that Asterisk itself wrote meanwhile, and what its calls really were. */
export interface Recorded {
  name: string
  messages: readonly AmiMessage[]
  /** Empty where nobody kept them. */
  ownLines: readonly string[]
  facts: DumpFacts
}

/** Of an Issabel, where Asterisk logs members in by their names. */
export const ISSABEL = 'issabel_agent_login_code'

/** All recordings of fixtures/, and {@link ISSABEL}. */
export function allRecorded(): Recorded[] {
  return [...allFixtures().map(({ name }) => name), ISSABEL].map(recorded)
}

/** @throws Error if there is no recording of this name */
export function recorded(name: string): Recorded {
  const { amiFile, queueLogFile } = name === ISSABEL ? ofIssabel : fixture(name)
  return {
    name,
    messages: messagesOf(amiFile),
    ownLines: existsSync(queueLogFile) ? linesOf(readFileSync(queueLogFile, 'utf8')) : [],
    facts: factsOf(readFileSync(amiFile, 'utf8')),
  }
}

const folder = join(root, 'test/reports/recordings')
const ofIssabel = { amiFile: join(folder, `${ISSABEL}.ami`), queueLogFile: join(folder, `${ISSABEL}.queue_log`) }

/** The whole queue_log of a recording: Asterisk's own lines and ours, in the order of their times. */
export function logOf({ messages, ownLines }: Recorded, values: OptionValues<OptionKinds>): string[] {
  const tracking = new Tracking(chosenTrackers(values), values)
  const lines = [...tracking.pass([...messages]), ...tracking.end()].flatMap((record) =>
    record.kind === 'queue_log' ? [formatQueueLogLine(record).trimEnd()] : [],
  )
  const time = (line: string): number => Number(line.split('|', 1)[0])
  return [...ownLines, ...lines].sort((one, other) => time(one) - time(other))
}

/** The same with options as they are typed. */
export function mergedLog(recorded: Recorded, texts: Texts): string[] {
  const words = Object.entries(texts).flatMap(([name, text]) => [`--${name}`, text])
  return logOf(recorded, readOptions(words, trackerOptions))
}

/** The table of Asterisk's realtime queue_log, of several servers. */
export const TABLE = `
  CREATE TABLE queue_log (
    id INT AUTO_INCREMENT PRIMARY KEY, recording VARCHAR(80), time DATETIME(6), callid VARCHAR(80), queuename VARCHAR(256),
    agent VARCHAR(80), event VARCHAR(32), data1 VARCHAR(100), data2 VARCHAR(100), data3 VARCHAR(100), data4 VARCHAR(100),
    data5 VARCHAR(100), INDEX (recording, callid), INDEX (recording, agent)
  ) CHARACTER SET utf8mb4;`

/** Statements that insert lines as Asterisk does: what follows the fourth column of data goes into the fifth. */
export function inserts(recording: string, lines: readonly string[]): string {
  return lines
    .map((line) => {
      const [time = '', callid, queuename, agent, event, ...data] = line.split('|')
      const columns = [...data.slice(0, 4), data.slice(4).join('|')]
      while (columns.length < 5) columns.push('')
      const values = [callid, queuename, agent, event, ...columns].map((value = '') => quoted(value))
      const into = 'recording, time, callid, queuename, agent, event, data1, data2, data3, data4, data5'
      return `INSERT INTO queue_log (${into}) VALUES (${quoted(recording)}, FROM_UNIXTIME(${Number(time)}), ${values.join(', ')});\n`
    })
    .join('')
}

function quoted(value: string): string {
  return `'${value.replace(/[\\']/g, '\\$&')}'`
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
