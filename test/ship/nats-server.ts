import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { root } from '../support/package.ts'
import { endOf } from '../support/programs.ts'

const PROGRAMS = ['/usr/sbin/nats-server', join(root, 'dist/nats/usr/sbin/nats-server')]

function program(): string | undefined {
  return PROGRAMS.find((path) => existsSync(path))
}

interface Node {
  readonly port: number
  readonly config: string
  process: ChildProcess | undefined
}

/** Real servers of NATS with JetStream: one, or a cluster of several, each on a free port of the loopback. */
export class NatsServers {
  private readonly folder: string
  private readonly nodes: readonly Node[]

  private constructor(folder: string, nodes: readonly Node[]) {
    this.folder = folder
    this.nodes = nodes
  }

  /** @param more lines for the configuration of each */
  static async start(count = 1, more = ''): Promise<NatsServers> {
    const folder = mkdtempSync('/tmp/ami-track-nats-')
    const ports = await freePorts(2 * count)
    const routes = ports.slice(count).map((port) => `nats-route://127.0.0.1:${port}`)
    const nodes = ports.slice(0, count).map((port, n): Node => {
      const store = join(folder, `store-${n}`)
      mkdirSync(store)
      const cluster =
        count === 1
          ? ''
          : `cluster { name: lab, listen: "127.0.0.1:${ports[count + n]}", no_advertise: true, routes: [${routes.map((route) => `"${route}"`).join(', ')}] }`
      const config = join(folder, `node-${n}.conf`)
      writeFileSync(
        config,
        `server_name: n${n}\nlisten: "127.0.0.1:${port}"\njetstream { store_dir: "${store}" }\n${cluster}\n${more}\n`,
      )
      return { port, config, process: undefined }
    })
    const servers = new NatsServers(folder, nodes)
    for (let n = 0; n < count; n++) servers.startNode(n)
    await servers.untilReady()
    return servers
  }

  get count(): number {
    return this.nodes.length
  }

  /** The address of a stream. */
  address(stream = 'QUEUE_LOG', more = ''): string {
    return `nats://${more}${this.hosts.join(',')}/${stream}`
  }

  get hosts(): string[] {
    return this.nodes.map(({ port }) => `127.0.0.1:${port}`)
  }

  startNode(n: number): void {
    const node = this.nodes[n]
    const path = program()
    if (node === undefined || path === undefined) throw new Error('there is no such server')
    node.process = spawn(path, ['-c', node.config], { stdio: 'ignore' })
  }

  /** Ends one of them at once. */
  async killNode(n: number): Promise<void> {
    const child = this.nodes[n]?.process
    if (child === undefined) return
    const ended = endOf(child)
    child.kill('SIGKILL')
    await ended
  }

  /** One of them stands still. */
  pauseNode(n: number): void {
    this.nodes[n]?.process?.kill('SIGSTOP')
  }

  resumeNode(n: number): void {
    this.nodes[n]?.process?.kill('SIGCONT')
  }

  connect(options: object = {}): Promise<NatsConnection> {
    return connect({ servers: this.hosts, ...options })
  }

  async stop(): Promise<void> {
    for (let n = 0; n < this.nodes.length; n++) await this.killNode(n)
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Waits until JetStream answers: a cluster has to choose who leads. */
  private async untilReady(): Promise<void> {
    const { jetstreamManager } = await import('@nats-io/jetstream')
    for (const end = performance.now() + 30_000; ; ) {
      try {
        const connection = await this.connect({ timeout: 1000, reconnect: false })
        try {
          await jetstreamManager(connection, { timeout: 1000 })
          return
        } finally {
          await connection.close()
        }
      } catch (error) {
        if (/authorization/i.test(String(error))) return
        if (performance.now() > end) throw error
        await new Promise((again) => setTimeout(again, 50))
      }
    }
  }
}

async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map((server) => once(server, 'listening')))
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))))
  return ports
}
