import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { formatSip, headerOf, parseSip, tagOf, uriOf } from './message.ts'

test('what is formatted reads back as it was', () => {
  const headers = [
    ['Via', 'SIP/2.0/UDP 127.0.0.1:17001;branch=z9hG4bK1'],
    ['CSeq', '2 INFO'],
  ] as const
  const message = parseSip(formatSip('INFO sip:1002@127.0.0.1:5160 SIP/2.0', headers, 'Signal=ü\r\n'))
  assert.ok(message)
  assert.deepEqual([message.method, message.uri, message.status], ['INFO', 'sip:1002@127.0.0.1:5160', 0])
  assert.equal(headerOf(message, 'via'), 'SIP/2.0/UDP 127.0.0.1:17001;branch=z9hG4bK1')
  assert.equal(headerOf(message, 'content-length'), '11', 'a length is one of bytes')
  assert.equal(message.body, 'Signal=ü\r\n')
})

test('a response has the method of its request', () => {
  const message = parseSip('SIP/2.0 486 Busy Here\r\nCSeq: 7 INVITE\r\n\r\n')
  assert.deepEqual([message?.status, message?.method], [486, 'INVITE'])
})

test('short header names and folded lines are understood', () => {
  const message = parseSip('BYE sip:a SIP/2.0\r\ni: call-1\r\nf: <sip:a@b>\r\n ;tag=12\r\n\r\n')
  assert.ok(message)
  assert.equal(headerOf(message, 'call-id'), 'call-1')
  assert.equal(tagOf(headerOf(message, 'from')), '12')
})

test('repeated headers stay in their order', () => {
  const message = parseSip('SIP/2.0 200 OK\r\nVia: one\r\nVia: two\r\nCSeq: 1 BYE\r\n\r\n')
  assert.deepEqual(
    message?.headers.filter(([name]) => name === 'via').map(([, value]) => value),
    ['one', 'two'],
  )
})

test('keep-alives and rubbish are no messages', () => {
  for (const text of ['', '\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', 'SIP/2.0']) assert.equal(parseSip(text), undefined)
})

test('tags and URIs are taken out of addresses', () => {
  assert.equal(tagOf('"Al; tag=no" <sip:1001@h>;tag=as12'), 'as12')
  assert.equal(tagOf('<sip:1001@h>'), undefined)
  assert.equal(uriOf('"Al" <sip:1001@h;transport=udp>;tag=1'), 'sip:1001@h;transport=udp')
  assert.equal(uriOf('sip:1001@h;tag=1'), 'sip:1001@h')
})
