import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { fixture } from '../test/support/fixtures.ts'
import { root } from '../test/support/package.ts'

/** `make demo`: a recorded call goes through the pipe of programs; its lines are shown among Asterisk's own. */

interface Line {
  text: string
  ours: boolean
}

const CLOSING = /\|(COMPLETE(AGENT|CALLER)|REMOVEMEMBER|BLINDTRANSFER|ATTENDEDTRANSFER)\|/

/** Lines of both in the order of time; within a second ours stand behind what opens a call and before what closes it. */
function merged(native: string, ours: string): Line[] {
  const lines = [
    ...linesOf(native).map((text) => ({ text, ours: false })),
    ...linesOf(ours).map((text) => ({ text, ours: true })),
  ]
  const rank = ({ text, ours }: Line): number => (ours ? 1 : CLOSING.test(text) ? 2 : 0)
  const second = ({ text }: Line): number => Number.parseInt(text, 10)
  return lines.sort((a, b) => second(a) - second(b) || rank(a) - rank(b))
}

function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

const { name, amiFile, queueLogFile } = fixture('asterisk-22-freepbx/fp_queue_local_hold')
const pipe = 'ami-parse < call.ami | track-moh | qlog-write'
const { stdout } = await promisify(execFile)('bash', [
  '-c',
  `cd "$1/bin" && ./ami-parse < "$2" | ./track-moh | ./qlog-write`,
  'bash',
  root,
  amiFile,
])

const bold = process.stdout.isTTY && !process.env.NO_COLOR ? ['\x1b[1m', '\x1b[0m'] : ['', '']
say(`A caller dials in, queue 600 of a FreePBX hands the call to Jane Doe on extension 1002, who puts the caller`)
say(`on hold twice and hangs up. Asterisk 22.10 wrote its queue_log and knew nothing of the holds; an AMI`)
say(`stream of the same call (fixtures/${name}.ami) goes through`)
say('')
say(`    ${pipe}`)
say('')
say('and this is the whole story, the lines of ami-track marked with >')
say('')
for (const { text, ours } of merged(readFileSync(queueLogFile, 'utf8'), stdout)) {
  say(ours ? `${bold[0]}  > ${text}${bold[1]}` : `    ${text}`)
}
if (stdout === '') throw new Error('the pipe wrote no line')
