import { type ChildProcess, spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { root } from './package.ts'

export interface PipeResult {
  stdout: string
  /** What all of them said on stderr. */
  stderr: string
  /** The exit codes, in the order of the pipe; a signal's name if one ended the program. */
  codes: (number | string)[]
}

export interface PipeOptions {
  /** The file that the first program reads, or the bytes it is fed; by default its stdin is empty. */
  input?: { file: string } | Buffer | string
}

/** A program of the package under the name it is called by, or any other command. */
function start([name = '', ...args]: readonly string[]): ChildProcess {
  const ours = join(root, 'bin', name)
  const isOurs = /^(ami|track|qlog)-/.test(name)
  return spawn(isOurs ? ours : name, args, { stdio: ['pipe', 'pipe', 'pipe'] })
}

/** Runs commands as a real pipe of processes and waits for all of them to end. */
export async function runPipe(
  commands: readonly (readonly string[])[],
  { input = '' }: PipeOptions = {},
): Promise<PipeResult> {
  const children = commands.map(start)
  const ends = children.map(endOf)
  const errors = children.map((child) => (child.stderr === null ? '' : text(child.stderr)))
  children.forEach((child, index) => {
    child.stdin?.on('error', () => {}) // the reader may be gone: that is the point of some tests
    const next = children[index + 1]
    if (next?.stdin) child.stdout?.pipe(next.stdin)
  })
  const stdin = children[0]?.stdin
  if (stdin) {
    if (typeof input === 'object' && 'file' in input) createReadStream(input.file).pipe(stdin)
    else stdin.end(input)
  }
  const last = children.at(-1)
  const stdout = last?.stdout ? await text(last.stdout) : ''
  return { stdout, stderr: (await Promise.all(errors)).join(''), codes: await Promise.all(ends) }
}

/** The exit code of a process, or the name of the signal that ended it. */
export function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
}
