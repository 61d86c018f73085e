import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, unlinkSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, afterEach, describe, it } from 'node:test'
import { FILES } from '../../lib/files/uses.ts'
import { HttpServer } from '../../lib/http/http-server.ts'
import type { Health } from '../../lib/status/health.ts'
import { type StatusRoutesOptions, statusRoutes } from '../../lib/status/status-routes.ts'

describe('the server of the metrics', () => {
  it('says so where they cannot be put together, and goes on', async () => {
    const server = await listenWith({
      metrics: () => ({ contentType: 'text/plain', metrics: () => Promise.reject(new Error('no more numbers')) }),
      health: () => ({ code: 200, text: 'ok' }),
    })
    const response = await fetch(`${server.url}/metrics`)
    assert.equal(response.status, 500)
    assert.equal(await response.text(), 'The metrics cannot be computed: no more numbers\n')
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
    await server.close()
  })

  it('puts them together once for a connection, however many requests stand in it', async () => {
    let asked = 0
    const server = await listenWith({
      metrics: () => ({ contentType: 'text/plain', metrics: async () => `${++asked}\n` }),
      health: () => ({ code: 200, text: 'ok' }),
    })
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
    socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(100))
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n')
    assert.match(head, /^HTTP\/1\.1 200 OK\r\n/)
    assert.match(head, /^Connection: close\r$/m)
    assert.match(body, /^1\n/)
    assert.equal(asked, 1)
    await server.close()
  })
})

function listenWith(options: StatusRoutesOptions): Promise<HttpServer> {
  return HttpServer.listen({ host: '127.0.0.1', port: 0 }, { by: '--metrics', routes: statusRoutes(options) })
}

const running: { stop: () => unknown }[] = []
afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part.stop()
})

async function listen(metrics: () => Promise<string>): Promise<HttpServer> {
  const health = (): Health => ({ code: 200, text: 'ok' })
  const options = { metrics: () => ({ contentType: 'text/plain', metrics }), health }
  const server = await listenWith(options)
  running.push({ stop: () => server.close() })
  return server
}

/** Clients that connect, say what a test wants them to, and then nothing. */
async function idlers(server: HttpServer, count: number, said = ''): Promise<Socket[]> {
  const clients: Socket[] = []
  for (let n = 0; n < count; n++) {
    const client = connect(Number(new URL(server.url).port), '127.0.0.1')
    running.push({ stop: () => client.destroy() })
    client.on('error', () => {})
    await once(client, 'connect')
    if (said !== '') client.write(said)
    clients.push(client)
  }
  return clients
}

describe('a health check', () => {
  for (const [what, said] of [
    ['say nothing', ''],
    ['never end their request', 'GET /healthz HTTP/1.1\r\nHost: x\r\n'],
    ['do not take their answer', 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n'],
  ] as const) {
    it(`is answered beside a hundred clients that ${what}`, async () => {
      const server = await listen(async () => 'x'.repeat(3_000_000))
      for (const client of await idlers(server, 100, said)) client.pause()
      for (let n = 0; n < 5; n++) assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
    })
  }

  it('costs the idlest of them its connection, and no other', async () => {
    const server = await listen(async () => '')
    const closed: number[] = []
    const clients = await idlers(server, 32)
    for (const [index, client] of clients.entries()) client.resume().on('close', () => closed.push(index))
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
    while (closed.length === 0) await once(clients[0] as Socket, 'close')
    assert.deepEqual(closed, [0])
  })

  it('is answered while the metrics of others are still put together, and costs these nothing', async () => {
    let finish: (text: string) => void = () => {}
    const text = new Promise<string>((resolve) => {
      finish = resolve
    })
    const server = await listen(() => text)
    const clients = await idlers(server, 20, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n')
    await idlers(server, 12)
    for (let n = 0; n < 12; n++) assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
    const answers = clients.map((client) => once(client, 'data'))
    finish('a 1\n')
    for (const [data] of await Promise.all(answers)) assert.match(String(data), /200 OK/)
  })
})

describe('a server at a socket in the file system', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ami-track-socket-'))
  after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'control')
  const listenThere = (): Promise<HttpServer> =>
    HttpServer.listen({ path, use: FILES.control }, { by: '--control', routes: {} })

  it('takes its socket away when it ends', async () => {
    const server = await listenThere()
    assert.ok(existsSync(path))
    await server.close()
    assert.ok(!existsSync(path))
  })

  it('leaves the socket that another program has made in the place of its own', async () => {
    const server = await listenThere()
    unlinkSync(path)
    const other = createServer().listen(path)
    await once(other, 'listening')
    await server.close()
    assert.ok(existsSync(path))
    const client = connect(path)
    await once(client, 'connect')
    client.destroy()
    other.close()
  })
})
