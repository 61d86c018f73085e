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
    command: ['jq', '--unbuffered', '-Rr', '--argjson', 'queues', '{"q-outbound":"sales-out","q-acme":null}', '-f'],
    before: ['ami-parse', 'track-outbound'],
    behind: ['track-moh', 'qlog-write'],
    recording: 'asterisk-22/out_answered_callee_hangs_hold',
    // What stands behind it takes the new name over: also the holds are those of sales-out.
    lines: `1795373508|MANAGER|sales-out|PJSIP/1003|ADDMEMBER|
1795373508|:1795373508.43|sales-out|PJSIP/1003|CALLOUTBOUND||95550002
1795373509|:1795373508.43|sales-out|PJSIP/1003|CONNECT|1|1795373508.44|1
1795373511|:1795373508.43|sales-out|PJSIP/1003|CALLERONHOLD|
1795373513|:1795373508.43|sales-out|PJSIP/1003|CALLEROFFHOLD|
1795373514|:1795373508.43|sales-out|PJSIP/1003|COMPLETECALLER|1|5|1
1795373514|MANAGER|sales-out|PJSIP/1003|REMOVEMEMBER|
`,
  },
]

/** Why an interpreter cannot be used here; undefined if it can. */
export function whyMissing(interpreter: string): string | undefined {
  const works = spawnSync(interpreter, ['--version']).status === 0
  return works ? undefined : `there is no ${interpreter} here; make packages-test runs this in a Debian that has it`
}
