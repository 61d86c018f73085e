import { fileWaits } from '../files/file-waits.ts'

/** 128 and the number of the signal, where one ended the program. */
export const EXIT = { ok: 0, failed: 1, usage: 2, hopeless: 3, SIGINT: 130, SIGTERM: 143 } as const

/** Ends a program for a reason that its message tells in full. */
export class Failure extends Error {
  constructor(text: string) {
    super(text)
    this.name = 'Failure'
  }
}

/**
 * Ends the process now, whatever still goes on in it.
 *
 * Node's own end waits for the threads that work on files. Where one of them is in a file that does not answer, a signal
 * ends the process: the one that the code stands for; SIGTERM, which systemd takes for a good end, in place of
 * {@link EXIT.ok}; else SIGKILL.
 */
export function endNow(code: number): void {
  if (!fileWaits.isAny) process.exit(code)
  process.emit('exit', code)
  const signal = code === EXIT.SIGINT ? 'SIGINT' : code === EXIT.ok || code === EXIT.SIGTERM ? 'SIGTERM' : 'SIGKILL'
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}
