import { createServer } from 'node:net'
import type { ListenAddress } from '../options/kinds.ts'

/** Who holds the port has to say within so many ms that it is an ami-track. */
const ANSWER_MS = 2000

/**
 * Listens for a moment, and takes no connection.
 *
 * @returns why nobody can listen there, and what to do; undefined if one can, or an ami-track already does
 */
export async function tryToListen({ host, port }: ListenAddress): Promise<string | undefined> {
  const server = createServer((socket) => socket.destroy())
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve)
    server.listen(port, host, () => server.close(() => resolve(undefined)))
  })
  if (error === undefined || (error.code === 'EADDRINUSE' && (await isOurs(host, port)))) return undefined
  const remedy = {
    EADDRINUSE: `another program listens there: choose another port (ss -ltnp 'sport = :${port}' says which program it is)`,
    EACCES: 'choose a port above 1023: those below are for root',
    EADDRNOTAVAIL: 'this machine does not have the address: choose one of "ip address", such as 127.0.0.1',
  }[error.code ?? '']
  return `nobody can listen on ${host}, port ${port}: ${remedy ?? error.message}`
}

/** Whether a daemon that runs has the port. */
async function isOurs(host: string, port: number): Promise<boolean> {
  const name = host.includes(':') ? `[${host}]` : host
  try {
    const response = await fetch(`http://${name}:${port}/metrics`, { signal: AbortSignal.timeout(ANSWER_MS) })
    return (await response.text()).includes('ami_track_')
  } catch {
    return false
  }
}
