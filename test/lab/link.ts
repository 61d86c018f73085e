import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'

/** The way between the daemon and a manager port: a relay on the loopback interface, which can be frozen or cut. */
export class Link {
  /** Kept from one {@link mend} to the next. */
  port: number
  private readonly to: number
  private server: Server | undefined
  private readonly ways = new Map<Socket, Socket>()
  private isFrozen = false

  private constructor(port: number, to: number) {
    this.port = port
    this.to = to
  }

  /** @param port 0: any that is free */
  static async open(port: number, to: number): Promise<Link> {
    const link = new Link(port, to)
    await link.mend()
    return link
  }

  /** From now on nothing passes; nothing is lost, and both sides are still connected. */
  freeze(): void {
    this.isFrozen = true
    for (const [from, to] of this.ways) from.unpipe(to)
  }

  /** Passes on what waited. */
  thaw(): void {
    this.isFrozen = false
    for (const [from, to] of this.ways) from.pipe(to)
  }

  /** Ends the connection for both sides, and refuses new ones. */
  async cut(): Promise<void> {
    const { server } = this
    this.server = undefined
    const closed = new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())))
    for (const socket of this.ways.keys()) socket.destroy()
    await closed
  }

  /** Takes connections. */
  async mend(): Promise<void> {
    const server = createServer((near) => this.join(near, connect(this.to, '127.0.0.1')))
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.port, '127.0.0.1', resolve)
    })
    this.server = server
    this.port = (server.address() as AddressInfo).port
  }

  private join(near: Socket, far: Socket): void {
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.setNoDelay(true)
      this.ways.set(from, to)
      from.on('error', () => {})
      from.on('close', () => {
        this.ways.delete(from)
        to.destroySoon()
      })
      if (!this.isFrozen) from.pipe(to)
    }
  }
}
