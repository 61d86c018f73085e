import { once } from 'node:events'
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { ListenAddress } from '../options/kinds.ts'
import { Failure } from '../text/exit.ts'
import { Reply } from './reply.ts'
import { listenOnSocket, type SocketPlace } from './socket-place.ts'

/** A request that is to be answered. */
export interface Asked {
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  /** The address of the client; '' of one at a socket in the file system. */
  readonly client: string
}

/** Answers the requests for a path. What it throws is told to the client alone. */
export type Route = (asked: Asked, reply: Reply) => void | Promise<void>

/** What is answered, by its path. */
export type Routes = Readonly<Record<string, Route>>

export interface HttpServerOptions {
  /** The option that asks for it, as messages call it: `--metrics`. */
  by: string
  routes: Routes
  /** Looks at each request first. @returns whether it may be answered; if not, it has been */
  admits?: (asked: Asked, reply: Reply) => boolean
  /** So many clients may be connected that wait for an answer; of more, the idlest is cut off. */
  maxWaiting?: number
}

/** A request is some hundred bytes, and comes at once; whoever is slower is no scraper. */
const REQUEST_MS = 5000
const MAX_HEADER_BYTES = 8192
/** Who asks for metrics comes alone. */
const MAX_WAITING = 32
/** A connection on which nothing moves for so long, in ms, is closed. */
const IDLE_MS = 60_000

/** Answers GET by HTTP, one request a connection, however many clients come and whatever they do. */
export class HttpServer {
  private readonly server: Server
  private readonly waiting: Waiting
  /** Whether nobody else has taken its name in the file system. */
  private hasItsName = (): boolean => true

  private constructor(options: HttpServerOptions) {
    this.waiting = new Waiting(options.maxWaiting ?? MAX_WAITING)
    const limits = {
      requestTimeout: REQUEST_MS,
      headersTimeout: REQUEST_MS,
      connectionsCheckingInterval: REQUEST_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    }
    this.server = createServer(limits, (request, response) => this.answer(request, response, options))
    // Requests that stand one behind the other are all answered before anything else: 64,000 stopped a daemon for 3 s.
    this.server.maxRequestsPerSocket = 1
    this.server.setTimeout(IDLE_MS)
    this.server.on('connection', (client: Socket) => this.waiting.add(client))
  }

  /**
   * @param place what the option says
   * @throws Failure if nobody can listen there
   * @throws FileProblem if the socket has the name of what somebody else has made
   */
  static async listen(place: ListenAddress | SocketPlace, options: HttpServerOptions): Promise<HttpServer> {
    const server = new HttpServer(options)
    if ('path' in place) server.hasItsName = await listenOnSocket(server.server, place)
    else await listenOnPort(server.server, place, options.by)
    // That one client could not be taken in is told by its request that fails.
    server.server.on('error', () => {})
    return server
  }

  /** Where it listens: a URL, or the path of a socket. */
  get url(): string {
    const place = this.server.address() as AddressInfo | string
    if (typeof place === 'string') return place
    const { address, family, port } = place
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  }

  /** Ends every connection, and listens no more. */
  async close(): Promise<void> {
    if (this.hasItsName()) {
      const closed = new Promise((done) => this.server.close(done))
      this.server.closeAllConnections()
      await closed
    } else {
      // Node removes what has the name of the socket when it closes it, and that is somebody else's now.
      this.server.closeAllConnections()
      this.server.unref()
    }
  }

  private async answer(
    request: IncomingMessage,
    response: ServerResponse,
    { routes, admits }: HttpServerOptions,
  ): Promise<void> {
    const { method, headers, socket, url = '' } = request
    this.waiting.asks(socket)
    const reply = new Reply(response, () => this.waiting.delete(socket))
    const [path = '', query] = url.split('?', 2)
    const asked = { path, query: new URLSearchParams(query), headers, client: socket.remoteAddress ?? '' }
    if (admits?.(asked, reply) === false) return
    if (method !== 'GET' && method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      reply.text(405, 'Only GET and HEAD are allowed here.\n')
      return
    }
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined
    if (route === undefined) {
      reply.text(404, `This page does not exist. There is ${Object.keys(routes).join(', ')}.\n`)
      return
    }
    try {
      await route(asked, reply)
    } catch (error) {
      // Whatever goes wrong here, the daemon goes on.
      reply.text(500, `The answer failed: ${(error as Error).message}\n`)
    }
  }
}

async function listenOnPort(server: Server, { host, port }: ListenAddress, by: string): Promise<void> {
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (error) {
    throw new Failure(`${by}: cannot listen on ${host}, port ${port}: ${(error as Error).message}`)
  }
}

/**
 * The clients that are to get an answer. Whoever comes is taken in: those that connect and say nothing must not keep a health
 * check waiting.
 */
class Waiting {
  /** Those that have not asked yet, and those that are answered: in both, who came first is first. */
  private readonly silent = new Set<Socket>()
  private readonly asking = new Set<Socket>()
  private readonly most: number

  constructor(most: number) {
    this.most = most
  }

  add(client: Socket): void {
    const { silent, asking } = this
    if (silent.size + asking.size >= this.most) {
      const [idlest] = silent.size > 0 ? silent : asking
      // It is closed a turn later.
      if (idlest !== undefined) this.delete(idlest)
      idlest?.destroy()
    }
    silent.add(client)
    client.on('close', () => this.delete(client))
  }

  asks(client: Socket): void {
    if (this.silent.delete(client)) this.asking.add(client)
  }

  delete(client: Socket): void {
    this.silent.delete(client)
    this.asking.delete(client)
  }
}
