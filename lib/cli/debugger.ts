/**
 * Keeps SIGUSR1 from opening Node's debugger: whoever may send a signal to this process must not run code in it, nor anybody
 * else on this machine, as the debugger's port has no password. Node listens for the signal unless a program does; its
 * option --disable-sigusr1 cannot be given in a `#!` line, and Node 20 does not have it.
 */
export function keepDebuggerClosed(): void {
  process.on('SIGUSR1', () => {})
}
