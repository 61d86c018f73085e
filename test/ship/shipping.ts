import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { root } from '../support/package.ts'
import { endOf } from '../support/programs.ts'

export interface Outcome {
  code: number | string
  stdout: string
  stderr: string
}

/** Starts qlog-ship. */
export function startShip(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawn(join(root, 'bin/qlog-ship'), [...args], {
    env: { ...process.env, TZ: 'UTC', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

export async function outcomeOf(program: ChildProcess): Promise<Outcome> {
  const { stdout, stderr } = program
  if (stdout === null || stderr === null) throw new Error('it has no pipes')
  const [out, error, code] = await Promise.all([text(stdout), text(stderr), endOf(program)])
  return { code, stdout: out, stderr: error }
}

/** Looks until something is so. */
export async function until(isSo: () => Promise<boolean> | boolean, ms = 20_000): Promise<void> {
  for (const end = performance.now() + ms; performance.now() < end; ) {
    if (await isSo()) return
    await new Promise((again) => setTimeout(again, 50))
  }
  throw new Error(`it did not become so within ${ms} ms`)
}

/** How long something takes in half of all cases, and at most but for one in a hundred. @param times in ms */
export function percentiles(times: readonly number[]): string {
  const sorted = times.toSorted((one, other) => one - other)
  const at = (share: number): string => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1)
  return `${at(0.5)} ms (p50), ${at(0.99)} ms (p99)`
}
