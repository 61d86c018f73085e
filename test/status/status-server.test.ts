import { strict as assert } from 'node:assert'
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
})
