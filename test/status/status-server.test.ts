import { strict as assert } from 'node:assert'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { StatusServer } from '../../lib/status/status-server.ts'

describe('the server of the metrics', () => {
  it('says so where they cannot be put together, and goes on', async () => {
    const server = await StatusServer.listen(
      { host: '127.0.0.1', port: 0 },
      {
        metrics: () => Promise.reject(new Error('no more numbers')),
        metricsType: 'text/plain',
        problem: () => undefined,
      },
    )
    const response = await fetch(`${server.url}/metrics`)
    assert.equal(response.status, 500)
    assert.equal(await response.text(), 'The metrics cannot be put together: no more numbers\n')
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200)
    await server.close()
  })

  it('puts them together once for a connection, however many requests stand in it', async () => {
    let asked = 0
    const server = await StatusServer.listen(
      { host: '127.0.0.1', port: 0 },
      {
        metrics: async () => `${++asked}\n`,
        metricsType: 'text/plain',
        problem: () => undefined,
      },
    )
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
