import { execFile } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { trackers } from '../lib/trackers/table.ts'
import { allFixtures } from '../test/support/fixtures.ts'
import { dumpFile, root, SEED } from './dump-file.ts'
import { peers, withDumpServer } from './peers.ts'
import { type Measurement, Table } from './table.ts'
import { pipeOf, usageOf } from './usage-of.ts'

/**
 * `make bench`: how many events a second the parser, the chain in one process, the pipe of processes and other readers of
 * AMI take, beside a bare scan of the same bytes. SIZE is the size of the dump in MB, RUNS how often each is measured, in
 * turn (the median counts), GIGABYTES how much is read to see that memory stays flat.
 */

const run = promisify(execFile)
const runs = Number(process.env.RUNS ?? 5)
const gigabytes = Number(process.env.GIGABYTES ?? 10)
/** What takes longer than this is measured once. */
const LONG_SECONDS = 20

async function measureIn(program: string, ...args: string[]): Promise<Measurement> {
  const script = fileURLToPath(new URL(`${program}.js`, import.meta.url))
  const { stdout } = await run(process.execPath, ['--no-deprecation', script, ...args])
  return JSON.parse(stdout)
}

async function asPipe(file: string, stages: readonly string[]): Promise<Measurement> {
  const start = process.hrtime.bigint()
  const { stdout, usages } = await usageOf(pipeOf(stages), [file], root)
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  return { seconds, count: Number(stdout), peakBytes: Math.max(...usages.map(({ peakBytes }) => peakBytes)) }
}

/** The chain on a dump that another process makes on the way. */
async function measureEndless(): Promise<Measurement> {
  const [write, measure] = ['write-dump.js', 'measure.js'].map((script) => join(root, 'dist/bench', script))
  const pipe = '"$1" "$2" "$3" "$4" | "$1" "$5" chain -'
  const bytes = String(gigabytes * 1e9)
  const args = [process.execPath, write, bytes, String(SEED), measure] as string[]
  const { stdout } = await run('bash', ['-o', 'pipefail', '-c', pipe, 'bash', ...args], { cwd: root })
  return JSON.parse(stdout)
}

/** From the start of the replay of one recorded call to the first byte of its lines. */
async function startUp(program: string, file: string): Promise<number> {
  const all: number[] = []
  for (let n = 0; n < 2 * runs; n++) {
    const start = process.hrtime.bigint()
    await run('bash', ['-c', '"$1" --replay "$2" --parkedcalls 1 | head -c 1 > /dev/null', 'bash', program, file], {
      cwd: root,
    })
    all.push(Number(process.hrtime.bigint() - start) / 1e6)
  }
  return all.sort((a, b) => a - b)[runs] ?? 0
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const file = await dumpFile()
const { count: events } = await measureIn('measure', 'scan', file)
say(`${(statSync(file).size / 1e6).toFixed(0)} MB, ${events} events, median of ${runs} runs in turn (fastest–slowest)`)
say(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}\n`)

const everyTracker = trackers.map(({ program }) => program)
const inProcess =
  (what: string, chunk = '') =>
  (): Promise<Measurement> =>
    measureIn('measure', what, file, chunk)
const table = new Table(events, statSync(file).size)
table.add('bare scan for CRLF CRLF', 'events', inProcess('scan'))
table.add('ami-parse, the events that trackers need', 'events', inProcess('parse'))
table.add('ami-parse, every event', 'events', inProcess('parse all'))
table.add('ami-parse, every header of every event', 'events', inProcess('decode all'))
table.add('one process, track-moh', 'lines of track-moh', inProcess('chain track-moh'))
table.add('one process, all trackers', 'lines', inProcess('chain'))
table.add('the same, in chunks of 64 KiB', 'lines', inProcess('chain', '65536'))
table.add('the same, in chunks of 1,448 bytes', 'lines', inProcess('chain', '1448'))
table.add('pipe, track-moh', 'lines of track-moh', () => asPipe(file, ['track-moh']))
table.add('pipe, all trackers', 'lines', () => asPipe(file, everyTracker))
await withDumpServer(file, async (port) => {
  for (const name of peers) {
    table.add(`${name}, parsing alone`, `events of ${name}`, () =>
      measureIn('measure-peer', name, String(port), String(events)),
    )
  }
  await table.measure(runs, LONG_SECONDS)
})
for (const line of table.rows(peers.map((name) => `${name}, parsing alone`))) say(line)

const recording = allFixtures().find(({ name }) => name === 'asterisk-22/park_retrieve')?.amiFile ?? ''
say('')
for (const program of ['bin/ami-track', 'dist/packages/executable/ami-track']) {
  if (!existsSync(join(root, program))) continue
  const ms = (await startUp(program, recording)).toFixed(0)
  say(`From the start of \`${program} --replay\` to its first byte: ${ms} ms (median)`)
}
say('')

say('| calls open | events/s | in use while open | after they ended |\n| ---: | ---: | ---: | ---: |')
for (const calls of [10, 1000, 50_000]) {
  const script = fileURLToPath(new URL('open-calls.js', import.meta.url))
  const { stdout } = await run(process.execPath, ['--expose-gc', script, String(calls)])
  const { events: more, seconds, whileOpen, after, size } = JSON.parse(stdout)
  if (size !== 0) throw new Error(`${size} entries are left when all calls have ended`)
  const rate = Math.round(more / seconds).toLocaleString('en')
  say(`| ${calls} | ${rate} | ${whileOpen.toFixed(0)} MB | ${after.toFixed(0)} MB |`)
}
say('')
const { stdout: hostile } = await run(process.execPath, [fileURLToPath(new URL('hostile.js', import.meta.url))])
say(hostile)
if (gigabytes > 0) {
  const { count, seconds, peakBytes } = await measureEndless()
  const peak = (peakBytes / 1e6).toFixed(0)
  say(
    `${gigabytes} GB made on the way, all trackers: ${count} lines in ${seconds.toFixed(0)} s, peak memory ${peak} MB`,
  )
}
