import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { after, before, describe, it } from 'node:test'
import { generate } from 'selfsigned'
import { readTablePlace, type TablePlace } from '../../lib/queue-log/table-place.ts'
import { TableTail } from '../../lib/queue-log/table-tail.ts'
import { DATABASE_KINDS, DatabaseServer, NAMES, READER } from './database-server.ts'
import { quote, RealtimeTable } from './realtime-table.ts'

for (const kind of DATABASE_KINDS) {
  describe(`a table in ${NAMES[kind]} that cannot be read`, () => {
    let server: DatabaseServer
    let cert = ''
    before(async () => {
      const made = await generate([{ name: 'commonName', value: 'localhost' }], {
        extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
      })
      cert = made.cert
      server = await DatabaseServer.start(kind, { key: made.private, cert })
      await RealtimeTable.make(server)
    })
    after(() => server.stop())

    interface As {
      password?: string | undefined
      ca?: string
      patienceMs?: number
    }
    /** What is told of it; undefined if it can be read. */
    async function problemOf(
      address: string,
      { password = READER.password, ca, patienceMs = 10_000 }: As = {},
    ): Promise<string | undefined> {
      const place = readTablePlace(address) as TablePlace
      const tail = new TableTail({ place, password, ca, patienceMs })
      try {
        await tail.read({ wanted: [], since: Number.POSITIVE_INFINITY })
        return undefined
      } catch (error) {
        const { message } = error as Error
        assert.ok(!message.includes(password), message)
        return message
      }
    }

    it('can be read after all, by the network, by the socket, and encrypted with a certificate that is trusted', async () => {
      assert.equal(await problemOf(server.address()), undefined)
      assert.equal(await problemOf(server.address('queue_log', { more: `?socket=${server.socket}` })), undefined)
      const encrypted = server.address('queue_log', { host: 'localhost', more: '?tls=1' })
      assert.equal(await problemOf(encrypted, { ca: cert }), undefined)
      assert.match(
        (await problemOf(encrypted)) ?? '',
        /^the encrypted connection to localhost port \d+ failed: .*self-signed.*tls-ca=/,
      )
    })

    it('is told of as one where nobody listens', async () => {
      const unused = createServer().listen(0, '127.0.0.1')
      await once(unused, 'listening')
      const { port } = unused.address() as AddressInfo
      await new Promise((closed) => unused.close(closed))
      const address = `${kind}://reader@127.0.0.1:${port}/asterisk/queue_log`
      assert.match(
        (await problemOf(address)) ?? '',
        /^no database answers at 127\.0\.0\.1 port \d+ \(ECONNREFUSED\)\. Start the database/,
      )
    })

    it('is told of as one of a server that does not answer, whether it never did or hangs in a query', async () => {
      const sockets: Socket[] = []
      const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
      await once(silent, 'listening')
      const { port } = silent.address() as AddressInfo
      const hanging = `${kind}://reader@127.0.0.1:${port}/asterisk/queue_log`
      assert.match((await problemOf(hanging, { patienceMs: 300 })) ?? '', /did not answer in time/)
      for (const socket of sockets) socket.destroy()
      await new Promise((closed) => silent.close(closed))
      const session = await server.session()
      const lock = {
        mysql: ['LOCK TABLES queue_log WRITE'],
        postgres: ['BEGIN', 'LOCK TABLE queue_log IN ACCESS EXCLUSIVE MODE'],
      }
      for (const statement of lock[kind]) await session.run(statement)
      assert.match((await problemOf(server.address(), { patienceMs: 500 })) ?? '', /did not answer in time/)
      await session.end()
    })

    it('is told of as one that refuses the user, without the password', async () => {
      const wrong = await problemOf(server.address(), { password: 'wr0ng-p4ssword' })
      assert.match(
        wrong ?? '',
        /^the database refuses the user reader \(.*\)\. Correct the user, or the password in \$QUEUELOGTAILSECRET/,
      )
      const place = readTablePlace(server.address()) as TablePlace
      const without = new TableTail({ place, password: undefined, ca: undefined })
      await assert.rejects(
        without.read({ wanted: [], since: 0 }),
        /refuses the user reader .* password is missing\. Put it in \$QUEUELOGTAILSECRET/s,
      )
    })

    it('is told of as one that there is not, that may not be read, or that is another', async () => {
      assert.match(
        (await problemOf(server.address('queue_lock'))) ?? '',
        /^there is no table queue_lock in the database asterisk\. Name the table/,
      )
      const elsewhere = await problemOf(server.address('queue_log', { database: 'asterix' }))
      assert.match(
        elsewhere ?? '',
        kind === 'mysql'
          ? /is not allowed to read|database asterix does not exist/
          : /^the database asterix does not exist/,
      )
      const limited = await problemOf(server.address('queue_log', { user: 'limited' }))
      assert.match(limited ?? '', /^the user limited is not allowed to read the table queue_log \(.*\)\. GRANT SELECT/)
      await server.run(`CREATE TABLE ${quote(kind, 'cdr')} (time INT, callid INT, queuename INT)`)
      assert.match(
        (await problemOf(server.address('cdr'))) ?? '',
        /^the table cdr has no column agent, event, data1, data2, data3, data4, data5\./,
      )
    })
  })
}
