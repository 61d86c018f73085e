import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { root } from '../support/package.ts'
import { endOf } from '../support/programs.ts'
import { within } from './patience.ts'
import { users } from './servers.ts'

export interface DaemonOptions {
  port: number
  /** Its dump of the AMI stream; that of a run before is kept with `.old` behind its name. */
  debugFile: string
  user?: { name: string; secret: string }
  more?: readonly string[]
  /** Further variables of its environment. */
  env?: Readonly<Record<string, string>>
}

/** What is tracked: everything. */
export const TRACKING = ['--moh', '1', '--parkedcalls', '1', '--outboundcalls', '1', '--hotdesking', '1']

/** SIGTERM must end it within this time. */
const STOP_MS = 2500

/** The real ami-track, running. */
export class Daemon {
  private readonly child: ChildProcess
  private readonly ended: Promise<number | string>
  private readonly listeners = new Set<() => void>()
  private all = ''

  private constructor(child: ChildProcess) {
    this.child = child
    this.ended = endOf(child)
    child.stdout?.on('data', (bytes: Buffer) => {
      this.all += bytes.toString()
    })
    if (child.stderr !== null) {
      createInterface(child.stderr).on('line', (line) => {
        this.all += `${line}\n`
        for (const listener of this.listeners) listener()
      })
    }
  }

  /** Starts it, and waits for nothing. */
  static start({ port, debugFile, user = users.tracker, more = [], env = {} }: DaemonOptions): Daemon {
    const args = ['--host', '127.0.0.1', '--port', String(port), '--login', user.name, '--debugfile', debugFile]
    // It ends with this process, however that ends: left over, it would write the lines of the next run a second time.
    const command = ['--pdeathsig', 'TERM', join(root, 'bin/ami-track'), ...args, ...TRACKING, ...more]
    const child = spawn('setpriv', command, {
      env: { ...process.env, ...env, AMISECRET: user.secret },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    return new Daemon(child)
  }

  /** Starts it, and waits until it is connected, and knows whether another one writes into the server's queue_log. */
  static async connected(options: DaemonOptions): Promise<Daemon> {
    const daemon = Daemon.start(options)
    try {
      await daemon.says(/connected to Asterisk/)
      if (!options.more?.includes('--queuelog'))
        await daemon.says(
          /another ami-track, on .*, writes the queue_log of this PBX|no other ami-track writes the queue_log of this PBX/,
        )
    } catch (error) {
      await daemon.stop()
      throw error
    }
    return daemon
  }

  get pid(): number {
    return this.child.pid ?? 0
  }

  /** Everything that it said. */
  get output(): string {
    return this.all
  }

  /** Its messages at a level, `info` and so on. */
  messages(...levels: string[]): string[] {
    const lines = this.all.split('\n').filter((line) => line.startsWith('{'))
    return lines
      .map((line): { level: string; msg: string } => JSON.parse(line))
      .filter(({ level }) => levels.length === 0 || levels.includes(level))
      .map(({ msg }) => msg)
  }

  /** Waits until it has said something, from a point in its messages on. */
  async says(what: RegExp, from = 0): Promise<string> {
    let listener = (): void => {}
    const said = new Promise<string>((resolve, reject) => {
      listener = () => {
        const message = this.messages()
          .slice(from)
          .find((text) => what.test(text))
        if (message !== undefined) resolve(message)
      }
      this.listeners.add(listener)
      this.ended.then((code) => reject(new Error(`the daemon ended with ${code}: ${this.all}`)), reject)
      listener()
    })
    return within(said, `the daemon to say ${what}; it said\n${this.all}\n`)
      .catch((error: Error) => {
        throw new Error(error.message)
      })
      .finally(() => this.listeners.delete(listener))
  }

  /** SIGUSR2: its messages of open calls. */
  async openCalls(): Promise<string[]> {
    const from = this.messages().length
    this.child.kill('SIGUSR2')
    await this.says(/KiB of events wait/, from)
    return this.messages()
      .slice(from)
      .filter((text) => text.startsWith('open call'))
  }

  /** Waits until every line that it has to write is written, and answered for by Asterisk. */
  async settled(): Promise<void> {
    const isSettled = (text: string): boolean =>
      /, 0 lines to write, 0 lines sent and not answered(, writes)?$/.test(text)
    const asked = async (): Promise<void> => {
      const from = this.messages().length
      await this.openCalls()
      if (!this.messages().slice(from).some(isSettled)) await asked()
    }
    await within(asked(), 'the daemon to have written all lines')
  }

  /** Its exit code, when it ends by itself. */
  exited(): Promise<number | string> {
    return within(this.ended, 'the daemon to end')
  }

  /** SIGKILL, and waits until it is gone. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.exited()
  }

  /** SIGTERM: its exit code, or what is wrong with its end. */
  async stop(): Promise<number | string> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return this.ended
    this.child.kill('SIGTERM')
    return within(this.ended, 'the daemon to end', STOP_MS).catch((error: Error) => {
      this.child.kill('SIGKILL')
      return error.message
    })
  }
}
