import { type ChildProcess, spawn } from 'node:child_process'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { root } from './package.ts'

export interface PipeResult {
  stdout: string
  /** What all of them said on stderr. */
  stderr: string
  /** The exit codes, in the order of the pipe; 128 and the number of the signal if one ended the program. */
  codes: number[]
}

export interface PipeOptions {
  /** The file that the first program reads, or the bytes it is fed; by default its stdin is empty. */
  input?: { file: string } | Buffer | string
}

/** Runs commands in one pipe of the shell, as a user does, and waits for all of them to end. */
export async function runPipe(
  commands: readonly (readonly string[])[],
  { input = '' }: PipeOptions = {},
): Promise<PipeResult> {
  const pipe = `${commands.map(shellCommand).join(' | ')}; echo "\${PIPESTATUS[@]}" >&3`
  const shell = spawn('bash', ['-c', pipe], { stdio: ['pipe', 'pipe', 'pipe', 'pipe'] })
  shell.stdin.on('error', () => {}) // a program may end before it has read its input: that is the point of some tests
  if (typeof input === 'object' && 'file' in input) createReadStream(input.file).pipe(shell.stdin)
  else shell.stdin.end(input)
  const [stdout, stderr, codes] = await Promise.all([
    text(shell.stdout),
    text(shell.stderr),
    text(shell.stdio[3] as Readable),
    endOf(shell),
  ])
  return { stdout, stderr, codes: codes.trim().split(' ').map(Number) }
}

/** A command as the shell takes it; a program of the package by the name it is called by. */
export function shellCommand([name = '', ...args]: readonly string[]): string {
  const program = /^(ami|track|qlog)-/.test(name) ? join(root, 'bin', name) : name
  return quoted([program, ...args])
}

/** Words as the shell takes them. */
export function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
}

/** The exit code of a process, or the name of the signal that ended it. */
export function endOf(child: ChildProcess): Promise<number | string> {
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => resolve(code ?? signal ?? 'unknown'))
  })
}
