import { execFile } from 'node:child_process'
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { trackers } from '../lib/trackers/index.ts'
import { allFixtures } from '../test/support/fixtures.ts'
import { dump, readTemplate } from './generate.ts'

/**
 * `make bench`: how many events a second the parser, the chain in one process and the pipe of processes take, beside a
 * bare scan of the same bytes. SIZE is the size of the dump in MB, RUNS how often each is measured (the median counts).
 */

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../', import.meta.url))
const out = join(root, 'bench/out')
const megabytes = Number(process.env.SIZE ?? 269)
const runs = Number(process.env.RUNS ?? 3)
const SEED = 1

interface Measurement {
  seconds: number
  count: number
  peakBytes: number
}

async function makeDump(): Promise<string> {
  mkdirSync(out, { recursive: true })
  const file = join(out, `${megabytes}MB.ami`)
  if (existsSync(file)) return file
  // The shared recordings only, so that figures stay comparable as fixtures are added.
  const templates = allFixtures()
    .filter(({ name }) => !/-(holds|calls)\//.test(name))
    .map(({ name, amiFile }) => readTemplate(name, amiFile))
  await pipeline(
    Readable.from(dump({ templates, bytes: megabytes * 1e6, lanes: 50, seed: SEED })),
    createWriteStream(`${file}.part`),
  )
  renameSync(`${file}.part`, file)
  return file
}

async function inOneProcess(what: string, file: string): Promise<Measurement> {
  const { stdout } = await run(process.execPath, [fileURLToPath(new URL('measure.js', import.meta.url)), what, file])
  return JSON.parse(stdout)
}

async function asPipe(file: string, stages: readonly string[]): Promise<Measurement> {
  const programs = ['ami-parse', ...stages, 'qlog-write']
  const memoryFile = join(out, 'memory')
  rmSync(memoryFile, { force: true })
  const env = {
    ...process.env,
    BENCH_MEMORY_FILE: memoryFile,
    NODE_OPTIONS: `--import ${pathToFileURL(fileURLToPath(new URL('report-memory.js', import.meta.url))).href}`,
  }
  const start = process.hrtime.bigint()
  const pipe = `${programs.map((program) => `bin/${program}`).join(' | ')} | wc -l`
  const { stdout } = await run('bash', ['-o', 'pipefail', '-c', `cat "$1" | ${pipe}`, 'bash', file], { cwd: root, env })
  const seconds = Number(process.hrtime.bigint() - start) / 1e9
  const peaks = readFileSync(memoryFile, 'utf8').trim().split('\n').map(Number)
  return { seconds, count: Number(stdout), peakBytes: Math.max(...peaks) }
}

async function median(measure: () => Promise<Measurement>): Promise<Measurement & { spread: string }> {
  const all: Measurement[] = []
  for (let n = 0; n < runs; n++) all.push(await measure())
  all.sort((a, b) => a.seconds - b.seconds)
  const middle = all[Math.floor(all.length / 2)] as Measurement
  const [fastest, slowest] = [all[0], all.at(-1)] as [Measurement, Measurement]
  return { ...middle, spread: `${fastest.seconds.toFixed(2)}–${slowest.seconds.toFixed(2)} s` }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

const file = await makeDump()
const bytes = statSync(file).size
const { count: events } = await inOneProcess('scan', file)
say(`${(bytes / 1e6).toFixed(0)} MB, ${events} messages, median of ${runs} runs (fastest–slowest)`)
say(`Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model.trim()}`)
say('')
say('| what | messages/s | MB/s | of the scan | peak memory | runs |')
say('| --- | ---: | ---: | ---: | ---: | --- |')

const everyTracker = trackers.map(({ program }) => program)
const measures: { name: string; counted: string; measure: () => Promise<Measurement> }[] = [
  { name: 'bare scan for CRLF CRLF', counted: 'messages', measure: () => inOneProcess('scan', file) },
  {
    name: 'ami-parse, the events that trackers need',
    counted: 'messages',
    measure: () => inOneProcess('parse', file),
  },
  { name: 'ami-parse, every event', counted: 'messages', measure: () => inOneProcess('parse all', file) },
  {
    name: 'one process, track-moh',
    counted: 'lines of track-moh',
    measure: () => inOneProcess('chain track-moh', file),
  },
  { name: 'one process, all trackers', counted: 'lines', measure: () => inOneProcess('chain', file) },
  { name: 'pipe, track-moh', counted: 'lines of track-moh', measure: () => asPipe(file, ['track-moh']) },
  { name: 'pipe, all trackers', counted: 'lines', measure: () => asPipe(file, everyTracker) },
]
const expected = new Map<string, number>()
let scanSeconds = 0
for (const { name, counted, measure } of measures) {
  const { seconds, count, peakBytes, spread } = await median(measure)
  scanSeconds ||= seconds
  // A run that lost anything counts for nothing.
  const wanted = expected.get(counted) ?? count
  expected.set(counted, wanted)
  if (count !== wanted) throw new Error(`${name}: ${count} ${counted}, not ${wanted}`)
  const rate = Math.round(events / seconds).toLocaleString('en')
  const share = (scanSeconds / seconds).toFixed(2)
  const megabytesPerSecond = (bytes / 1e6 / seconds).toFixed(0)
  say(`| ${name} | ${rate} | ${megabytesPerSecond} | ${share} | ${(peakBytes / 1e6).toFixed(0)} MB | ${spread} |`)
}
say('')
say(`${expected.get('lines')} lines of queue_log, the same from the chain and from the pipe`)
