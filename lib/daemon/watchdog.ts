import { spawn } from 'node:child_process'
import type { Log } from '../text/log.ts'

/** Signs of life in the time after which systemd takes a program for hung: one may be late, or lost. */
const SIGNS_PER_LIMIT = 4

/**
 * Tells systemd's watchdog that the program's loop turns, for as long as it does, where a service asks for it
 * (WatchdogSec). Node has no datagrams on Unix sockets: systemd's own `systemd-notify` sends them.
 *
 * @returns ends it
 */
export function startWatchdog(log: Log, environment: NodeJS.ProcessEnv = process.env): () => void {
  const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID, PATH = '/usr/bin:/bin' } = environment
  const limitMs = Number(WATCHDOG_USEC) / 1000
  if (!NOTIFY_SOCKET || !(limitMs > 0)) return () => {}
  // Meant for another process, of which this one has its environment.
  if (WATCHDOG_PID !== undefined && WATCHDOG_PID !== String(process.pid)) return () => {}
  let isTold = false
  const failed = (reason: string): void => {
    if (isTold) return
    isTold = true
    log.warn(`systemd's watchdog cannot be told that all is well, and will start ami-track anew: ${reason}`)
  }
  const tell = (): void => {
    const child = spawn('systemd-notify', ['WATCHDOG=1'], { stdio: 'ignore', env: { NOTIFY_SOCKET, PATH } })
    child.on('error', ({ message }) => failed(message))
    child.on('exit', (code) => {
      if (code) failed(`systemd-notify ended with ${code}`)
    })
    child.unref()
  }
  tell()
  const timer = setInterval(tell, limitMs / SIGNS_PER_LIMIT).unref()
  return () => clearInterval(timer)
}
