import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
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

/** A process of ami-track, and what it says. */
class DaemonProcess {
  readonly child: ChildProcessByStdio<null, Readable, Readable>
  readonly ended: Promise<number | string>
  readonly listeners = new Set<() => void>()
  all = ''

  /** @param args of ami-track, which is given what is to be tracked */
  constructor(args: readonly string[], secret: string, env: Readonly<Record<string, string>> = {}) {
    // It ends with this process, however that ends: left over, it would write the lines of the next run a second time.
    const command = ['--pdeathsig', 'TERM', join(root, 'bin/ami-track'), ...TRACKING, ...args]
    const child = spawn('setpriv', command, {
      env: { ...process.env, ...env, AMISECRET: secret },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.child = child
    this.ended = endOf(child)
    child.stdout.on('data', (bytes: Buffer) => {
      this.all += bytes.toString()
    })
    createInterface(child.stderr).on('line', (line) => {
      this.all += `${line}\n`
      for (const listener of this.listeners) listener()
    })
  }

  async stop(): Promise<number | string> {
    const { child, ended } = this
    if (child.exitCode !== null || child.signalCode !== null) return ended
    child.kill('SIGTERM')
    return within(ended, 'the daemon to end', STOP_MS).catch((error: Error) => {
      child.kill('SIGKILL')
      return error.message
    })
  }
}

/** The real ami-track, running: all of it, or the part of it that follows one of several servers. */
export class Daemon {
  private readonly process: DaemonProcess
  /** Under which name it follows the server, and how it stops following it; undefined if it follows no other. */
  private readonly one: { readonly pbx: string; stop(): Promise<number | string> } | undefined

  private constructor(process: DaemonProcess, one?: Daemon['one']) {
    this.process = process
    this.one = one
  }

  /** Starts it, and waits for nothing. */
  static start({ port, debugFile, user = users.tracker, more = [], env = {} }: DaemonOptions): Daemon {
    const args = ['--host', '127.0.0.1', '--port', String(port), '--login', user.name, '--debugfile', debugFile]
    return new Daemon(new DaemonProcess([...args, ...more], user.secret, env))
  }

  /** Starts it, and waits until it is connected, and knows whether another one writes into the server's queue_log. */
  static async connected(options: DaemonOptions): Promise<Daemon> {
    const daemon = Daemon.start(options)
    return daemon.whenConnected(options.more?.includes('--queuelog'))
  }

  /** The part of a process that follows one of several servers. */
  static ofOne(process: DaemonProcess, one: NonNullable<Daemon['one']>): Daemon {
    return new Daemon(process, one)
  }

  /** Waits until it is connected, and knows whether another one writes. */
  async whenConnected(hasOwnFile = false): Promise<this> {
    try {
      await this.says(/connected to Asterisk/)
      if (!hasOwnFile)
        await this.says(
          /another ami-track, on .*, writes the queue_log of this PBX|no other ami-track writes the queue_log of this PBX/,
        )
    } catch (error) {
      await this.stop()
      throw error
    }
    return this
  }

  get pid(): number {
    return this.process.child.pid ?? 0
  }

  /** Everything that it said. */
  get output(): string {
    return this.process.all
  }

  /** Its messages at a level, `info` and so on. */
  messages(...levels: string[]): string[] {
    const lines = this.process.all.split('\n').filter((line) => line.startsWith('{'))
    return lines
      .map((line): { level: string; msg: string; pbx?: string } => JSON.parse(line))
      .filter(({ level, pbx }) => (levels.length === 0 || levels.includes(level)) && this.isAbout(pbx))
      .map(({ msg }) => msg)
  }

  /** What is said of no PBX is about each of them. */
  private isAbout(pbx: string | undefined): boolean {
    return this.one === undefined || pbx === undefined || pbx === this.one.pbx
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
      this.process.listeners.add(listener)
      this.process.ended.then((code) => reject(new Error(`the daemon ended with ${code}: ${this.output}`)), reject)
      listener()
    })
    return within(said, `the daemon to say ${what}; it said\n${this.output}\n`)
      .catch((error: Error) => {
        throw new Error(error.message)
      })
      .finally(() => this.process.listeners.delete(listener))
  }

  /** SIGUSR2: its messages of open calls. */
  async openCalls(): Promise<string[]> {
    const from = this.messages().length
    this.process.child.kill('SIGUSR2')
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
    return within(this.process.ended, 'the daemon to end')
  }

  /** SIGKILL, and waits until it is gone. */
  async kill(): Promise<void> {
    this.process.child.kill('SIGKILL')
    await this.exited()
  }

  /** SIGTERM, if it follows no other server: its exit code, or what is wrong with its end. */
  stop(): Promise<number | string> {
    return this.one?.stop() ?? this.process.stop()
  }
}

/** One ami-track that follows several servers: each has a settings file in its folder while it is followed. */
export class DaemonOfMany {
  private readonly folder = mkdtempSync(join(tmpdir(), 'ami-track-lab-'))
  private process: DaemonProcess | undefined
  private readonly followed = new Set<string>()

  /** Follows one more server, and waits until it is connected to that. */
  async follow(pbx: string, { port, debugFile, user = users.tracker }: DaemonOptions): Promise<Daemon> {
    // Whole at once, for the folder is watched.
    const file = join(this.folder, `.${pbx}`)
    writeFileSync(file, `AMIHOST=127.0.0.1\nAMIPORT=${port}\nAMIUSER=${user.name}\nDEBUGFILE=${debugFile}\n`)
    renameSync(file, this.fileOf(pbx))
    this.followed.add(pbx)
    this.process ??= new DaemonProcess(['--settings', this.folder, '--watch', '1'], user.secret)
    const { process } = this
    const stop = (): Promise<number | string> => this.stopFollowing(pbx, process)
    return Daemon.ofOne(process, { pbx, stop }).whenConnected()
  }

  private fileOf(pbx: string): string {
    return join(this.folder, `${pbx}.conf`)
  }

  /** The last one ends it. */
  private async stopFollowing(pbx: string, process: DaemonProcess): Promise<number | string> {
    if (!this.followed.delete(pbx)) return 0
    rmSync(this.fileOf(pbx))
    if (this.followed.size > 0) return 0
    const code = await process.stop()
    rmSync(this.folder, { recursive: true })
    return code
  }
}
