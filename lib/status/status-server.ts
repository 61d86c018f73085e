import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { ListenAddress } from '../options/kinds.ts'
import { Failure } from '../text/exit.ts'
import type { Health } from './health.ts'

export interface StatusServerOptions {
  /** The metrics in Prometheus' text format. */
  metrics: () => Promise<string>
  /** The media type of {@link metrics}. */
  metricsType: string
  /** How it is: of one PBX of many if it is named, as in `/healthz?pbx=NAME`. */
  health: (pbx: string | undefined) => Health
}

/** A request is some hundred bytes, and comes at once; whoever is slower is no scraper. */
const REQUEST_MS = 5000
const MAX_HEADER_BYTES = 8192
/** So many clients may be connected; of more, the idlest is cut off. */
const MAX_CONNECTIONS = 32
/** A connection on which nothing moves for so long, in ms, is closed. */
const IDLE_MS = 60_000

/** Answers `GET /metrics` and `GET /healthz` by HTTP. */
export class StatusServer {
  private readonly server: Server

  private constructor(server: Server) {
    this.server = server
  }

  /**
   * @param address what `--metrics` says
   * @throws Failure if the address cannot be listened on
   */
  static async listen({ host, port }: ListenAddress, options: StatusServerOptions): Promise<StatusServer> {
    const limits = {
      requestTimeout: REQUEST_MS,
      headersTimeout: REQUEST_MS,
      connectionsCheckingInterval: REQUEST_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    }
    const server = createServer(limits, listenerFor(options))
    makeRoom(server)
    // Requests that stand one behind the other are all answered before anything else: 64,000 stopped a daemon for 3 s.
    server.maxRequestsPerSocket = 1
    server.setTimeout(IDLE_MS)
    await new Promise<void>((listening, failed) => {
      const fail = ({ message }: Error): void =>
        failed(new Failure(`--metrics: nobody can listen on ${host}, port ${port}: ${message}`))
      server.once('error', fail)
      server.listen(port, host, () => {
        server.off('error', fail)
        listening()
      })
    })
    // That one client could not be taken in is told by its scrape that fails.
    server.on('error', () => {})
    return new StatusServer(server)
  }

  /** Where it listens, as a URL. */
  get url(): string {
    const { address, family, port } = this.server.address() as AddressInfo
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  /** Ends every connection, and listens no more. */
  async close(): Promise<void> {
    const closed = new Promise((done) => this.server.close(done))
    this.server.closeAllConnections()
    await closed
  }
}

/** Whoever comes is taken in. Clients that connect and say nothing must not keep a health check waiting. */
function makeRoom(server: Server): void {
  /** Those that have not asked yet, and those that are answered: in both, who came first is first. */
  const silent = new Set<Socket>()
  const asking = new Set<Socket>()
  server.on('connection', (client: Socket) => {
    if (silent.size + asking.size >= MAX_CONNECTIONS) {
      const [idlest] = silent.size > 0 ? silent : asking
      // It is closed a turn later.
      if (idlest !== undefined && !silent.delete(idlest)) asking.delete(idlest)
      idlest?.destroy()
    }
    silent.add(client)
    client.on('close', () => {
      silent.delete(client)
      asking.delete(client)
    })
  })
  server.on('request', ({ socket }: IncomingMessage) => {
    if (silent.delete(socket)) asking.add(socket)
  })
}

const PLAIN = 'text/plain; charset=utf-8'

function listenerFor({ metrics, metricsType, health }: StatusServerOptions): RequestListener {
  return async ({ method, url = '' }, response) => {
    const answer = (code: number, text: string, type = PLAIN): void => {
      // With the limit alone, Node says that it closes, and waits for the client to do so.
      response.writeHead(code, {
        'Content-Type': type,
        'Content-Length': Buffer.byteLength(text),
        Connection: 'close',
      })
      response.end(text)
    }
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      answer(405, 'GET and HEAD are all that is answered here.\n')
      return
    }
    const [path, query] = url.split('?', 2)
    if (path === '/metrics') {
      // Whatever goes wrong here, the daemon goes on.
      await metrics().then(
        (text) => answer(200, text, metricsType),
        ({ message }) => answer(500, `The metrics cannot be put together: ${message}\n`),
      )
    } else if (path === '/healthz') {
      const { code, text } = health(new URLSearchParams(query).get('pbx') ?? undefined)
      answer(code, `${text}\n`)
    } else answer(404, 'There is /metrics, and /healthz.\n')
  }
}
