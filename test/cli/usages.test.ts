import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, describe, it } from 'node:test'
import { root } from '../support/package.ts'
import { endOf } from '../support/programs.ts'
import { sampleOf } from '../support/sample.ts'
import { writeFiles } from './usages/files.ts'
import { inputUsages } from './usages/input-usages.ts'
import { optionUsages } from './usages/option-usages.ts'
import type { Usage } from './usages/usage.ts'

const folder = mkdtempSync(join(tmpdir(), 'ami-track-usages-'))
writeFiles(folder)
after(() => rmSync(folder, { recursive: true }))

/** What comes of a command line that is typed in the folder. */
async function outcomeOf(typed: string): Promise<{ code: number | string; stdout: string; stderr: string }> {
  const { AMISECRET, ...env } = process.env
  const shell = spawn('bash', ['-o', 'pipefail', '-c', typed], {
    cwd: folder,
    env: { ...env, PATH: `${join(root, 'bin')}:${env.PATH}`, LC_ALL: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, code] = await Promise.all([text(shell.stdout), text(shell.stderr), endOf(shell)])
  return { code, stdout, stderr }
}

async function check({ typed, code, told, written = '' }: Usage): Promise<void> {
  const outcome = await outcomeOf(typed)
  const lines = outcome.stderr.split(/(?<=\n)/)
  // One line a problem, which begins with the program's name.
  for (const line of lines) if (line !== '') assert.match(line, /^[a-z]+-[a-z]+: [^\n]+\n$/, outcome.stderr)
  const said = lines.map((line) => line.replace(/^[a-z]+-[a-z]+: /, '')).join('')
  if (told === '') assert.equal(said, '')
  else assert.match(said, told)
  if (code === 2) assert.match(outcome.stderr, / \(see [a-z]+-[a-z]+( [a-z]+)? --help\)\n$/)
  if (typeof written === 'string') assert.equal(outcome.stdout, written)
  else assert.match(outcome.stdout, written)
  assert.equal(outcome.code, code)
}

for (const { show, usages } of [...optionUsages, ...inputUsages]) {
  // Several at once: most of the time of each is that of Node's start.
  describe(show, { concurrency: 4 }, () => {
    for (const usage of sampleOf(usages, 10)) it(usage.typed, () => check(usage))
  })
}
