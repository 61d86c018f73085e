import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import type { FakeAsterisk } from './fake-asterisk.ts'
import { root } from './package.ts'
import { endOf, shellCommand } from './programs.ts'

/** A line of a JSON log. */
export interface LogLine {
  level: string
  name: string
  msg: string
  /** Of which PBX it tells, where there are many. */
  pbx?: string
}

/** Programs that run until they are told to stop, in a shell's pipe if there is more than one. */
export class LiveProgram {
  private readonly process: ChildProcess
  private readonly isGroup: boolean
  private readonly changes = new EventEmitter().setMaxListeners(0)
  stdout = ''
  stderr = ''
  /** The exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>

  /** @param isGroup whether it leads a process group of its own */
  constructor(process: ChildProcess, isGroup = false) {
    this.process = process
    this.isGroup = isGroup
    for (const name of ['stdout', 'stderr'] as const) {
      process[name]?.on('data', (chunk: Buffer) => {
        this[name] += chunk.toString('utf8')
        this.changes.emit('change')
      })
    }
    this.ended = endOf(process)
    this.ended.then(() => this.changes.emit('change')).catch(() => {})
  }

  /** Starts a program of the package against a server, the secret in its environment. */
  static start(server: FakeAsterisk, [name = '', ...args]: readonly string[], env = {}): LiveProgram {
    const connect = ['--port', String(server.port), '--login', 'tracker']
    const options = { env: { ...process.env, AMISECRET: 'tr4ck', ...env }, stdio: 'pipe' as const }
    return new LiveProgram(spawn(join(root, 'bin', name), [...connect, ...args], options))
  }

  /** Starts a program of the package with just these options. */
  static startAlone([name = '', ...args]: readonly string[], env = {}): LiveProgram {
    const options = { env: { ...process.env, ...env }, stdio: 'pipe' as const }
    return new LiveProgram(spawn(join(root, 'bin', name), args, options))
  }

  /** Starts several in one pipe of the shell; `ami-connect` among them reads from the server. */
  static startPipe(server: FakeAsterisk, commands: readonly (readonly string[])[], behind = ''): LiveProgram {
    const connect = ['--port', String(server.port), '--login', 'tracker']
    const pipe = commands.map(([name = '', ...args]) => {
      return shellCommand(name === 'ami-connect' ? [name, ...connect, ...args] : [name, ...args])
    })
    const env = { ...process.env, AMISECRET: 'tr4ck' }
    // A process group of their own, so that a signal reaches all of them.
    const options = { env, detached: true, stdio: 'pipe' as const }
    return new LiveProgram(spawn('bash', ['-c', `${pipe.join(' | ')}${behind}`], options), true)
  }

  get pid(): number {
    return this.process.pid ?? 0
  }

  /** What it logged, line by line. */
  get log(): LogLine[] {
    const lines = this.stderr.split('\n').slice(0, -1)
    return lines.map((line) => (line.startsWith('{') ? JSON.parse(line) : { level: 'plain', name: '', msg: line }))
  }

  /** @param of the PBX of which it tells, where there are many */
  async untilLog(pattern: RegExp, of?: string): Promise<LogLine> {
    for (;;) {
      const found = this.log.find(({ msg, pbx }) => pattern.test(msg) && (of === undefined || pbx === of))
      if (found !== undefined) return found
      await once(this.changes, 'change')
    }
  }

  /** Asks it for its state until a line of what it says then matches: of an open call, or of the connection. */
  async untilStatus(pattern: RegExp): Promise<void> {
    for (;;) {
      const before = this.log.length
      const said = (): string[] => this.log.slice(before).map(({ msg }) => msg)
      this.signal('SIGUSR2')
      // The connection is told of last.
      while (!said().some((msg) => /^(not )?connected, /.test(msg))) await once(this.changes, 'change')
      if (said().some((msg) => pattern.test(msg))) return
    }
  }

  async untilStdout(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.stdout)) await once(this.changes, 'change')
  }

  signal(name: NodeJS.Signals): void {
    if (!this.isGroup) {
      this.process.kill(name)
      return
    }
    try {
      process.kill(-this.pid, name)
    } catch {
      // All of them have ended.
    }
  }

  /** Writes to its stdin; undefined ends that. */
  write(text: string | undefined): void {
    if (text === undefined) this.process.stdin?.end()
    else this.process.stdin?.write(text)
  }

  /** Stops reading its stdout, as a reader does that is stuck. */
  stall(): void {
    this.process.stdout?.pause()
  }

  resume(): void {
    this.process.stdout?.resume()
  }

  async stop(): Promise<number | string> {
    this.signal('SIGTERM')
    return await this.ended
  }
}
