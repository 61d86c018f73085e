import { strict as assert } from 'node:assert'
import { afterEach, before, describe, it } from 'node:test'
import { generate } from 'selfsigned'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { LiveConnection, settingsFor } from '../support/live.ts'

describe('a connection by TLS', () => {
  let key = ''
  let cert = ''
  let server: FakeAsterisk
  let live: LiveConnection

  before(async () => {
    const made = await generate([{ name: 'commonName', value: 'pbx.example' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'pbx.example' }] }],
    })
    key = made.private
    cert = made.cert
  })
  afterEach(async () => {
    await live.close()
    await server.stop()
  })

  async function connect(tls: { ca?: string; servername?: string }): Promise<LiveConnection> {
    server = await FakeAsterisk.start({ tls: { key, cert } })
    live = new LiveConnection(settingsFor(server, { tls }))
    return live
  }

  it('logs in where the certificate is trusted and for the name', async () => {
    const { log } = await connect({ ca: cert, servername: 'pbx.example' })
    await log.until(/info: connected .* by TLS/)
  })

  it('refuses a certificate for another name, and says what to do', async () => {
    const { log } = await connect({ ca: cert })
    await log.until(/error: .* its certificate is for another name: give that name with --tls-servername/)
    assert.equal(server.sessions.flatMap(({ actions }) => actions).length, 0)
  })

  it('refuses a certificate that nobody vouches for, and says what to do', async () => {
    const { log } = await connect({ servername: 'pbx.example' })
    await log.until(/error: .* its certificate is self-signed: name it with --tls-ca/)
  })

  it('checks the certificate whatever the environment says', async () => {
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    try {
      const { log } = await connect({ servername: 'pbx.example' })
      await log.until(/error: .* its certificate is self-signed/)
      assert.equal(server.sessions.flatMap(({ actions }) => actions).length, 0)
    } finally {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = before
    }
  })

  it('says so where the port does not speak TLS', async () => {
    server = await FakeAsterisk.start()
    live = new LiveConnection(settingsFor(server, { tls: {} }))
    await live.log.until(/error: .* this port does not speak TLS/)
  })
})
