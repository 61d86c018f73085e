import { createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { linesInOneProcess } from '../support/chains.ts'
import { fixture } from '../support/fixtures.ts'
import { root } from '../support/package.ts'
import { writeGolden } from '../support/write-golden.ts'
import { Asterisk } from './asterisk.ts'
import { Channels } from './channels.ts'
import { chosenFlows, chosenServers } from './choice.ts'
import type { Flow } from './flow.ts'
import { type Lane, lanes } from './lanes.ts'
import { QueueLogFile } from './queue-log-file.ts'
import { playFlow } from './run-flow.ts'
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
    for (const flow of flows) await recordFlow(server, flow)
  } finally {
    await server.stop()
  }
}

async function recordFlow(server: Asterisk, flow: Flow): Promise<void> {
  const folder = `${server.entry.name}-lab`
  mkdirSync(join(root, 'fixtures', folder), { recursive: true })
  const made = fixture(`${folder}/${flow.name}`)
  const queueLog = new QueueLogFile(server.queueLogFile)
  const from = queueLog.lines().length
  const ami = await server.connect()
  const dump = createWriteStream(made.amiFile)
  const recorder = await server.connect((bytes) => dump.write(bytes), users.tracker)
  try {
    const channels = new Channels(ami)
    await playFlow(flow, plainLane, { server, ami, channels, queueLog, played: [], dump: made.amiFile }, false)
  } finally {
    recorder.close()
    ami.close()
    dump.end()
    await finished(dump)
    queueLog.close()
  }
  dropUnfinished(made.amiFile)
  writeFileSync(made.queueLogFile, `${queueLog.lines().slice(from).join('\n')}\n`.replace(/^\n$/, ''), 'latin1')
  await writeGolden(made)
  process.stdout.write(`${made.name}:\n${await linesInOneProcess(made.amiFile, [])}`)
}

/** A message of which the end did not come any more. */
function dropUnfinished(file: string): void {
  const text = readFileSync(file, 'latin1')
  writeFileSync(file, text.slice(0, text.lastIndexOf('\r\n\r\n') + 4), 'latin1')
}

if ((process.env.FLOW ?? '') === '') {
  process.stderr.write('make record: name a flow: make record FLOW=queue_hold [SERVER=asterisk-22]\n')
  process.exitCode = 2
} else {
  for (const entry of chosenServers()) await record(entry, chosenFlows())
}
