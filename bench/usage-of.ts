import { execFile } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { out } from './dump-file.ts'
import type { Usage } from './report-usage.ts'

const run = promisify(execFile)
const REPORT = pathToFileURL(fileURLToPath(new URL('report-usage.js', import.meta.url))).href

/**
 * Runs a line of the shell, and tells what each Node in it used.
 *
 * @param words `$1`, `$2`, … of the line
 */
export async function usageOf(
  line: string,
  words: readonly string[],
  cwd: string,
): Promise<{ stdout: string; usages: Usage[] }> {
  const file = join(out, 'usage')
  rmSync(file, { force: true })
  const env = { ...process.env, BENCH_USAGE_FILE: file, NODE_OPTIONS: `--import ${REPORT}` }
  const { stdout } = await run('bash', ['-o', 'pipefail', '-c', line, 'bash', ...words], { cwd, env })
  const usages = readFileSync(file, 'utf8').trim().split('\n')
  return { stdout, usages: usages.map((usage) => JSON.parse(usage)) }
}

/** A dump through a pipe of programs that begins with ami-parse and ends with qlog-write. */
export function pipeOf(stages: readonly string[]): string {
  return `cat "$1" | ${['ami-parse', ...stages, 'qlog-write'].map((program) => `bin/${program}`).join(' | ')} | wc -l`
}
