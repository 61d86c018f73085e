import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isAddress, readTablePlace } from '../../lib/queue-log/table-place.ts'

describe('the address of a table', () => {
  it('names database, user, host, port and table', () => {
    assert.deepEqual(readTablePlace('mysql://ami@db.example:3307/asterisk/queue_log'), {
      kind: 'mysql',
      address: 'mysql://ami@db.example:3307/asterisk/queue_log',
      user: 'ami',
      host: 'db.example',
      port: 3307,
      database: 'asterisk',
      table: ['queue_log'],
      socket: undefined,
      tls: undefined,
    })
  })

  it('has the usual port, and knows the other names of the two databases', () => {
    for (const [scheme, kind, port] of [
      ['mysql', 'mysql', 3306],
      ['MariaDB', 'mysql', 3306],
      ['postgres', 'postgres', 5432],
      ['postgresql', 'postgres', 5432],
    ]) {
      const place = readTablePlace(`${scheme}://ami@[::1]/asterisk/queue_log`)
      assert.ok(typeof place === 'object', String(place))
      assert.deepEqual([place.kind, place.host, place.port], [kind, '::1', port])
    }
  })

  it('has a schema in PostgreSQL, and letters that are written by their codes', () => {
    const place = readTablePlace('postgres://a%40b@db/my%2Fdb/reports.queue%20log')
    assert.ok(typeof place === 'object', String(place))
    assert.deepEqual([place.user, place.database, place.table], ['a@b', 'my/db', ['reports', 'queue log']])
  })

  it('may name a socket, or ask for encryption', () => {
    const socket = readTablePlace('mysql://ami@/asterisk/queue_log?socket=/run/mysqld/mysqld.sock')
    assert.ok(typeof socket === 'object' && socket.socket === '/run/mysqld/mysqld.sock', String(socket))
    const tls = readTablePlace('mysql://ami@db/asterisk/queue_log?tls=1&tls-ca=/etc/ca.pem')
    assert.ok(typeof tls === 'object', String(tls))
    assert.deepEqual(tls.tls, { ca: '/etc/ca.pem' })
  })

  it('is refused where something is missing, wrong or too much', () => {
    for (const [address, problem] of [
      ['mysql://db/asterisk/queue_log', /takes mysql:\/\/USER@HOST\/DATABASE\/TABLE$/],
      ['mysql://ami@db/asterisk', /takes mysql:\/\/USER@/],
      ['mysql://ami@db/asterisk/queue_log/more', /takes mysql:\/\/USER@/],
      ['mysql://ami@/asterisk/queue_log', /the host is missing or wrong$/],
      ['mysql://ami@db:99999/asterisk/queue_log', /the host is missing or wrong$/],
      [`mysql://ami@db/asterisk/${'q'.repeat(65)}`, /names of up to 64 letters$/],
      ['postgres://ami@db/asterisk/a.b.c', /names of up to 64 letters$/],
      ['mysql://ami@db/asterisk/queue_log?ssl=1', /takes only \?socket=, tls=, tls-ca=/],
      ['mysql://ami@db/asterisk/queue_log?tls-ca=x', /tls-ca= only with tls=1/],
      ['sqlite://ami@db/asterisk/queue_log', /takes a file, or mysql:\/\/ or postgres:\/\//],
      ['postgre://ami@db/asterisk/queue_log', /did you mean postgres/],
    ] as const) {
      assert.match(String(readTablePlace(address)), problem, address)
    }
  })

  it('with a password is refused, and is not shown, whatever letters are in it', () => {
    const secret = fc.string({ minLength: 6 })
    const property = fc.property(secret, fc.constantFrom('mysql', 'postgres', 'oracle'), (password, scheme) => {
      const address = `${scheme}://ami:${password}@db/asterisk/queue_log`
      assert.ok(isAddress(address))
      const problem = readTablePlace(address)
      assert.ok(typeof problem === 'string' && !problem.includes(password), JSON.stringify(problem))
    })
    fc.assert(property)
    assert.match(String(readTablePlace('mysql://ami:pw@db/a/q')), /takes no password: .* \$QUEUELOGTAILSECRET/)
  })
})
