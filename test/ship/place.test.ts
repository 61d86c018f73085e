import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { readSinkPlace, readSourcePlace } from '../../lib/ship/place.ts'

const sink = (text: string, table?: string) => readSinkPlace(text, table, 'queue_log')

describe('where qlog-ship ships to', () => {
  it('is a table of a database, the usual one if none is named', () => {
    for (const [text, table, expected] of [
      ['mysql://ship@127.0.0.1/asterisk', undefined, 'queue_log'],
      ['mysql://ship@127.0.0.1/asterisk/', undefined, 'queue_log'],
      ['mysql://ship@127.0.0.1/asterisk', 'my log', 'my log'],
      ['mysql://ship@127.0.0.1/asterisk/other', undefined, 'other'],
      ['mysql://ship@/asterisk?socket=/run/mysqld/mysqld.sock', undefined, 'queue_log'],
    ] as const) {
      const place = sink(text, table)
      assert.ok(typeof place === 'object' && place.kind === 'sql', String(place))
      assert.deepEqual(place.table.table, [expected])
      assert.equal(place.table.tls, undefined)
    }
    assert.match(String(sink('mysql://ship@h/asterisk/other', 'one')), /names a table, and --table also names one/)
  })

  it('is encrypted beyond this machine, and cannot be otherwise', () => {
    for (const text of [
      'postgres://ship@db.example/reports',
      'nats://bus.example/LOG',
      'nats://127.0.0.1,bus.example/LOG',
    ]) {
      const place = sink(text)
      assert.ok(typeof place === 'object', String(place))
      const { tls } = place.kind === 'sql' ? place.table : (place as { tls?: object })
      assert.deepEqual(tls, { ca: undefined }, text)
      assert.match(String(sink(`${text}?tls=0`)), /takes tls=0 only for this machine/)
    }
  })

  it('is a stream of NATS, on several servers, with a subject', () => {
    assert.deepEqual(sink('nats://ship@127.0.0.1:4223,[::1],localhost/QUEUE_LOG?subject=calls.log'), {
      kind: 'nats',
      servers: ['127.0.0.1:4223', '[::1]:4222', 'localhost:4222'],
      user: 'ship',
      stream: 'QUEUE_LOG',
      subject: 'calls.log',
      tls: undefined,
    })
    for (const text of ['nats://h', 'nats://h/a.b', 'nats:///LOG', 'nats://h/LOG?subject=a.*', 'nats://h/LOG?x=1']) {
      assert.equal(typeof sink(text), 'string', text)
    }
  })

  it('holds no password: whoever writes one is told where it belongs, and never shown it', () => {
    for (const text of [
      'mysql://ship:s3cret@h/d',
      'postgres://ship:s3@cret@h/d',
      'nats://ship:s3cret@h/LOG',
      'nats://s3cret:x@h/L',
    ]) {
      const told = String(sink(text))
      assert.match(told, /takes no password: .*\$TOSECRET.*--to-secret-file/, text)
      assert.ok(!told.includes('cret'.concat('@')) && !told.includes('s3'), told)
    }
    assert.match(String(readSourcePlace('nats://a:b@h/LOG')), /\$FROMSECRET.*--from-secret-file/)
  })

  it('is nothing else; what was meant is said', () => {
    assert.match(String(sink('mysq://ship@h/d')), /takes mysql:\/\/.*did you mean/i)
    assert.match(String(sink('/tmp/file')), /takes mysql:\/\/, postgres:\/\/ or nats:\/\/, or - for stdout/)
    assert.equal(readSourcePlace('mysql://ship@h/d'), 'takes a file or nats://')
    assert.deepEqual(readSourcePlace('/var/log/asterisk/queue_log'), {
      kind: 'file',
      path: '/var/log/asterisk/queue_log',
    })
  })
})
