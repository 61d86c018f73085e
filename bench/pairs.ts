import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { trackers } from '../lib/trackers/table.ts'
import { allFixtures } from '../test/support/fixtures.ts'
import { dumpFile, root } from './dump-file.ts'
import { pipeOf, usageOf } from './usage-of.ts'

/**
 * `BASE=REV make bench`, or `BASE=REV node dist/bench/pairs.js`: the build of a commit and this one by turns, on the same bytes.
 * What counts is the processor time of all processes, from their start on, and the median of the ratios of the pairs: a
 * machine that is busy with something else slows both down. RUNS is how many pairs, SIZE that of the dump in MB.
 */

const base = process.env.BASE ?? 'HEAD'
const runs = Number(process.env.RUNS ?? 5)

/** The folder of a commit's build, made where it is not there yet. The libraries are those of this one. */
function built(revision: string): string {
  const commit = execFileSync('git', ['rev-parse', `${revision}^{commit}`], { cwd: root, encoding: 'utf8' }).trim()
  const folder = join(root, 'dist/bases', commit)
  const mark = join(folder, '.built')
  if (existsSync(mark)) return folder
  mkdirSync(folder, { recursive: true })
  execFileSync('bash', ['-o', 'pipefail', '-c', 'git archive "$1" | tar -x -C "$2"', 'bash', commit, folder], {
    cwd: root,
  })
  if (!existsSync(join(folder, 'node_modules'))) symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  execFileSync('node_modules/.bin/tsc', { cwd: folder })
  execFileSync(process.execPath, ['dist/packaging/programs.js'], { cwd: folder })
  writeFileSync(mark, '')
  return folder
}

const file = await dumpFile()
const recording = allFixtures().find(({ name }) => name === 'asterisk-22/park_retrieve')?.amiFile ?? ''
const measure = (what: string): [line: string, word: string] => [
  `"${process.execPath}" dist/bench/measure.js "${what}" "$1" > /dev/null`,
  file,
]
const rows: Record<string, [line: string, word: string]> = {
  'one process, all trackers': measure('chain'),
  'ami-parse, the events that trackers need': measure('parse'),
  'ami-parse, every header of every event': measure('decode all'),
  'pipe, all trackers': [pipeOf(trackers.map(({ program }) => program)), file],
  'replay of one recorded call': ['bin/ami-track --replay "$1" --parkedcalls 1 > /dev/null', recording],
}

async function cpuSeconds(folder: string, [line, word]: [line: string, word: string]): Promise<number> {
  const { usages } = await usageOf(line, [word], folder)
  return usages.reduce((sum, usage) => sum + usage.cpuSeconds, 0)
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

const before = built(base)
const say = (line: string): void => void process.stdout.write(`${line}\n`)
say(`| processor time, median of ${runs} pairs | ${base} | now | now to ${base} |\n| --- | ---: | ---: | ---: |`)
for (const [what, command] of Object.entries(rows)) {
  const pairs: { old: number; now: number }[] = []
  for (let n = 0; n < runs; n++) {
    // Who comes first takes turns as well.
    const first = await cpuSeconds(n % 2 === 0 ? before : root, command)
    const second = await cpuSeconds(n % 2 === 0 ? root : before, command)
    pairs.push(n % 2 === 0 ? { old: first, now: second } : { old: second, now: first })
  }
  const ratios = pairs.map(({ old, now }) => now / old)
  const [least, most] = [Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2))
  const [old, now] = [median(pairs.map((pair) => pair.old)), median(pairs.map((pair) => pair.now))]
  say(`| ${what} | ${old.toFixed(2)} s | ${now.toFixed(2)} s | ${median(ratios).toFixed(2)} (${least}–${most}) |`)
}
