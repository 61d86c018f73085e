import { spawn } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../text/log.ts'
import { oneLine } from '../text/one-line.ts'

/** Signs of life in the time after which systemd takes a program for hung: one may be late, or lost. */
const SIGNS_PER_LIMIT = 4
/** How often everything is said again where there is no such limit, in ms. */
const REPEAT_MS = 15_000
/** How often the status is looked at for news, in ms. */
const LOOK_MS = 1000
/** A systemd-notify that hangs for so long, in ms, is ended: the next one may get through. */
const SEND_MS = 10_000
/** How long the last message may take, in ms: systemd waits for the end of the program, too. */
const LAST_MS = 500
/** systemd takes no more than 4096 bytes at once; a status is to be read in one look. */
const MAX_STATUS_LENGTH = 300

export interface ServiceNotifierOptions {
  log: Log
  /** What the program is doing just now, in a sentence. */
  describe: () => string
  environment?: NodeJS.ProcessEnv
}

/**
 * Tells systemd how a service is: that its start is done (Type=notify), what it does (`systemctl status`), and that its loop
 * turns, for as long as it does (WatchdogSec).
 *
 * Node has no datagrams on Unix sockets: systemd's own `systemd-notify` sends them. Each message says all there is to say,
 * and the next one is sent when the one before has ended: so none can overtake another, and one that systemd could not
 * assign (before systemd 246, if the sender had ended by then) is made good by the next.
 */
export class ServiceNotifier {
  private readonly options: ServiceNotifierOptions
  private readonly environment: NodeJS.ProcessEnv
  private readonly isWatched: boolean
  private readonly timers: NodeJS.Timeout[]
  private readonly idleListeners: (() => void)[] = []
  private status = ''
  private isReady = false
  private isStopping = false
  private isSending = false
  private isDue = false
  private isFailureTold = false

  private constructor(options: ServiceNotifierOptions, environment: NodeJS.ProcessEnv, limitMs: number) {
    this.options = options
    this.environment = environment
    this.isWatched = limitMs > 0
    const repeatMs = this.isWatched ? limitMs / SIGNS_PER_LIMIT : REPEAT_MS
    this.timers = [setInterval(() => this.send(), repeatMs).unref(), setInterval(() => this.look(), LOOK_MS).unref()]
    this.look()
  }

  /** @returns undefined where no service manager listens, or listens to another process */
  static start({ environment = process.env, ...options }: ServiceNotifierOptions): ServiceNotifier | undefined {
    const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID, PATH = '/usr/bin:/bin' } = environment
    if (!NOTIFY_SOCKET) return undefined
    // Meant for another process, of which this one has its environment.
    if (WATCHDOG_PID !== undefined && WATCHDOG_PID !== String(process.pid)) return undefined
    return new ServiceNotifier(options, { NOTIFY_SOCKET, PATH }, Number(WATCHDOG_USEC ?? 0) / 1000)
  }

  /** The start is done. */
  ready(): void {
    this.isReady = true
    this.status = this.options.describe()
    this.send()
  }

  /**
   * The program ends. Nothing else is told from then on.
   *
   * @param status why
   */
  async stopping(status: string): Promise<void> {
    for (const timer of this.timers) clearInterval(timer)
    this.isStopping = true
    this.status = status
    this.send()
    const idle = new Promise<void>((resolve) => this.idleListeners.push(resolve))
    await Promise.race([idle, sleep(LAST_MS, undefined, { ref: false })])
  }

  private look(): void {
    const status = this.options.describe()
    if (status === this.status) return
    this.status = status
    this.send()
  }

  private send(): void {
    this.isDue = true
    if (this.isSending) return
    this.isDue = false
    this.isSending = true
    const child = spawn('systemd-notify', this.message(), { stdio: 'ignore', env: this.environment, timeout: SEND_MS })
    child.on('error', ({ message }) => this.sent(message))
    child.on('exit', (code, signal) =>
      this.sent(code === 0 ? undefined : `systemd-notify ended with ${code ?? signal}`),
    )
    child.unref()
  }

  private message(): string[] {
    const status = `STATUS=${oneLine(this.status).slice(0, MAX_STATUS_LENGTH)}`
    if (this.isStopping) return ['STOPPING=1', status]
    return [...(this.isReady ? ['READY=1'] : []), ...(this.isWatched ? ['WATCHDOG=1'] : []), status]
  }

  private sent(failure: string | undefined): void {
    if (!this.isSending) return
    this.isSending = false
    if (failure !== undefined && !this.isFailureTold) {
      this.isFailureTold = true
      this.options.log.warn(
        `cannot report to systemd, and systemd may stop ami-track: ${failure}. Check that systemd-notify is installed`,
      )
    }
    if (this.isDue) this.send()
    else for (const listener of this.idleListeners.splice(0)) listener()
  }
}
