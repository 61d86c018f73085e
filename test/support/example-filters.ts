import { spawnSync } from 'node:child_process'

/** One of the filters in docs/examples, in its place between two stages, and what comes of a recording with it. */
export interface ExampleFilter {
  /** Of docs/examples. */
  file: string
  /** What has to be there to run it. */
  interpreter: 'python3' | 'jq'
  /** How it is called, up to the path of its file. */
  command: readonly string[]
  /** The stages that stand before and behind it. */
  before: readonly string[]
  behind: readonly string[]
  recording: string
  lines: string
}

export const exampleFilters: readonly ExampleFilter[] = [
  {
    file: 'call-outcomes.py',
    interpreter: 'python3',
    command: ['python3'],
    before: ['ami-parse', 'track-outbound'],
    behind: ['track-moh', 'qlog-write'],
    recording: 'asterisk-22-calls/out_busy',
    lines: `1795387177|MANAGER|q-acme|PJSIP/1001|ADDMEMBER|
1795387177|:1795387177.127|q-acme|PJSIP/1001|CALLOUTBOUND||95550003
1795387179|:1795387177.127|q-acme|PJSIP/1001|ABANDON|1|1|2
1795387179|:1795387177.127|q-acme|PJSIP/1001|CALLSTATUS|BUSY
1795387179|MANAGER|q-acme|PJSIP/1001|REMOVEMEMBER|
`,
  },
  {
    file: 'rename-queues.jq',
    interpreter: 'jq',
    command: ['jq', '--unbuffered', '-Rr', '--argjson', 'queues', '{"pk-default":"parked","q-acme":null}', '-f'],
    before: ['ami-parse', 'track-outbound', 'track-parked', 'track-moh'],
    behind: ['track-hotdesking', 'qlog-write'],
    recording: 'asterisk-22/park_retrieve',
    lines: `1795373418|:1795373416.20|parked|NONE|ENTERQUEUE||701-5551000|1
1795373421|MANAGER|parked|PJSIP/1002|ADDMEMBER|
1795373421|:1795373416.20|parked|PJSIP/1002|CONNECT|3|1795373421.22|0
1795373423|:1795373416.20|parked|PJSIP/1002|CALLERONHOLD|
1795373424|:1795373416.20|parked|PJSIP/1002|CALLEROFFHOLD|
1795373425|:1795373416.20|parked|PJSIP/1002|COMPLETEAGENT|3|4|1
1795373425|MANAGER|parked|PJSIP/1002|REMOVEMEMBER|
`,
  },
]

/** Why an interpreter cannot be used here; undefined if it can. */
export function whyMissing(interpreter: string): string | undefined {
  const works = spawnSync(interpreter, ['--version']).status === 0
  return works ? undefined : `there is no ${interpreter} here; make packages-test runs this in a Debian that has it`
}
