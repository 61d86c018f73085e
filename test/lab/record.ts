import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fixture, goldenOf } from '../support/fixtures.ts'
import { root } from '../support/package.ts'
import { writeGolden } from '../support/write-golden.ts'
import { Asterisk } from './asterisk.ts'
import { Channels } from './channels.ts'
import { chosenFlows, chosenServers } from './choice.ts'
import { exceptionOn, type Flow } from './flow.ts'
import { asOfPjsip, isOfAsteriskItself, LaneLines } from './lane-lines.ts'
import { type Lane, lanes } from './lanes.ts'
import { compareLines } from './match-lines.ts'
import { QueueLogFile } from './queue-log-file.ts'
import { dumpFile } from './run.ts'
import { expectedOf, type Played, playFlow } from './run-flow.ts'
import { type ServerEntry, users } from './servers.ts'

/** Lane 0 has the names of all other fixtures. */
const [plainLane] = lanes as readonly [Lane]

/**
 * `make record FLOW=name`: plays flows without a daemon, and makes fixtures of them: what the documented user's
 * connection said, what Asterisk itself wrote to queue_log, and the golden file.
 */
async function record(entry: ServerEntry, flows: readonly Flow[]): Promise<void> {
  const server = await Asterisk.start(entry)
  try {
    for (const flow of flows) {
      const exception = exceptionOn(entry, flow)
      if (exception === undefined) await recordFlow(server, flow)
      else process.stdout.write(`${flow.name} is not played on ${entry.name}: ${exception}\n`)
    }
  } finally {
    await server.stop()
  }
}

async function recordFlow(server: Asterisk, flow: Flow): Promise<void> {
  const dump = dumpFile(server.entry, `record-${flow.name}`)
  const queueLog = new LaneLines(new QueueLogFile(server.queueLogFile), server.entry.technology)
  const from = queueLog.lines().length
  const played: Played[] = []
  const ami = await server.connect()
  const chunks: Buffer[] = []
  const recorder = await server.connect((bytes) => chunks.push(bytes), users.tracker)
  try {
    const channels = new Channels(ami)
    await playFlow(flow, plainLane, { server, ami, channels, queueLog, played, dump }, false)
  } finally {
    recorder.close()
    ami.close()
    writeFileSync(dump, wholeMessages(Buffer.concat(chunks)))
  }
  const ownLines = queueLog
    .lines()
    .slice(from)
    .filter((line) => !isOfAsteriskItself(line))
  queueLog.close()
  for (const one of played) await keep(`${server.entry.name}-lab`, one, dump, ownLines)
}

/** Makes a fixture of a recording that went well. */
async function keep(folder: string, played: Played, dump: string, ownLines: readonly string[]): Promise<void> {
  mkdirSync(join(root, 'fixtures', folder), { recursive: true })
  const made = fixture(`${folder}/${played.flow.name}`)
  copyFileSync(dump, made.amiFile)
  writeFileSync(made.queueLogFile, ownLines.map((line) => `${line}\n`).join(''), 'latin1')
  await writeGolden(made)
  const golden = goldenOf(made)
  process.stdout.write(`${made.name}:\n${golden}`)
  if (!isExpected(golden, played.expected))
    process.stdout.write('These are not the lines that the flow expects: look at the golden file.\n')
}

/** Whether the lines of the replay are those that the flow expects of ami-track. */
function isExpected(golden: string, expected: string): boolean {
  const lines = golden.split('\n').filter((line) => line !== '')
  const ours = expectedOf(expected).map((paragraph) => paragraph.filter(({ isOurs }) => isOurs))
  return compareLines(
    lines.map((line) => asOfPjsip(line.replace(/^\d+\|/, ''))),
    ours,
  ).isSame
}

/** Without the beginning of a message of which the end did not come any more. */
function wholeMessages(bytes: Buffer): Buffer {
  return bytes.subarray(0, bytes.lastIndexOf('\r\n\r\n') + 4)
}

if ((process.env.FLOW ?? '') === '') {
  process.stderr.write('make record: name a flow: make record FLOW=queue_hold [SERVER=asterisk-22]\n')
  process.exitCode = 2
} else {
  const recorded = chosenServers().map((entry) => record(entry, chosenFlows()))
  for (const result of await Promise.allSettled(recorded)) {
    if (result.status === 'fulfilled') continue
    process.stderr.write(`make record: ${result.reason.message}\n`)
    process.exitCode = 1
  }
}
