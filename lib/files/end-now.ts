import { EXIT } from '../text/exit.ts'
import { fileWaits } from './file-waits.ts'

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
