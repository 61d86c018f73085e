import { createServer } from 'node:net'
import type { ListenAddress } from '../options/kinds.ts'

/** Who holds the port has to say within so many ms that it is an ami-track. */
const ANSWER_MS = 2000

/** What an ami-track answers at the address of an option. */
const OURS = {
  metrics: { path: '/metrics', sign: 'ami_track_' },
  live: { path: '/', sign: '<title>ami-track</title>' },
} as const

/** The options that say where to listen. */
export type ListeningOption = keyof typeof OURS
export const LISTENING = Object.keys(OURS) as ListeningOption[]

/**
 * Listens for a moment, and takes no connection.
 *
 * @param option what asks for it
 * @returns why nobody can listen there, and what to do; undefined if one can, or an ami-track already does
 */
export async function tryToListen({ host, port }: ListenAddress, option: ListeningOption): Promise<string | undefined> {
  const server = createServer((socket) => socket.destroy())
  const error = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    server.once('error', resolve)
    server.listen(port, host, () => server.close(() => resolve(undefined)))
  })
  if (error === undefined || (error.code === 'EADDRINUSE' && (await isOurs(host, port, option)))) return undefined
  const remedy = {
    EADDRINUSE: `another program already listens there. Choose another port (ss -ltnp 'sport = :${port}' shows which program it is)`,
    EACCES: 'choose a port above 1023: only root can use those below',
    EADDRNOTAVAIL: 'this machine does not have the address. Choose one that "ip address" shows, such as 127.0.0.1',
  }[error.code ?? '']
  return `cannot listen on ${host}, port ${port}: ${remedy ?? error.message}`
}

/** Whether a daemon that runs has the port. */
async function isOurs(host: string, port: number, option: ListeningOption): Promise<boolean> {
  const { path, sign } = OURS[option]
  const name = host.includes(':') ? `[${host}]` : host
  try {
    const response = await fetch(`http://${name}:${port}${path}`, { signal: AbortSignal.timeout(ANSWER_MS) })
    return (await response.text()).includes(sign)
  } catch {
    return false
  }
}
