import { strict as assert } from 'node:assert'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import { PhoneHolds } from '../phone-holds.ts'
import { formatSip, headerOf, parseSip, type SipMessage } from './message.ts'
import { Phone, type PhoneOptions } from './phone.ts'

/** The other side of a phone: says what it is told to, and shows what comes. */
class Server {
  private readonly socket: Socket
  private readonly received: SipMessage[] = []

  private constructor(socket: Socket) {
    this.socket = socket
    socket.on('message', (bytes) => {
      const message = parseSip(bytes.toString())
      if (message !== undefined) this.received.push(message)
    })
  }

  static async open(): Promise<Server> {
    const socket = createSocket('udp4').bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new Server(socket)
  }

  get port(): number {
    return this.socket.address().port
  }

  /** The next message of a method, or the next response to it. */
  async next(method: string, isResponse = false): Promise<SipMessage> {
    for (;;) {
      const at = this.received.findIndex((message) => message.method === method && message.status > 0 === isResponse)
      const [found] = at < 0 ? [] : this.received.splice(at, 1)
      if (found !== undefined) return found
      await once(this.socket, 'message')
    }
  }

  answer(request: SipMessage, startLine: string, body = ''): void {
    const copied = request.headers.filter(([name]) => ['via', 'from', 'call-id', 'cseq'].includes(name))
    const to = ['To', `${headerOf(request, 'to')};tag=server`] as const
    const contact = ['Contact', `<sip:server@127.0.0.1:${this.port}>`] as const
    this.send(this.portOf(request), formatSip(startLine, [...copied, to, contact], body))
  }

  send(port: number, text: string): void {
    this.socket.send(text, port, '127.0.0.1')
  }

  portOf(request: SipMessage): number {
    return Number(/@127\.0\.0\.1:(\d+)/.exec(headerOf(request, 'contact'))?.[1])
  }

  close(): void {
    this.socket.close()
  }
}

async function withPhone(
  play: (phone: Phone, server: Server) => Promise<void>,
  more: Pick<PhoneOptions, 'isSilent' | 'holds'> = {},
): Promise<void> {
  const server = await Server.open()
  const phone = await Phone.open({ user: '1001', port: 0, server: server.port, ...more })
  try {
    await play(phone, server)
  } finally {
    phone.abandon()
    server.close()
  }
}

test('a phone calls, is answered, holds and hangs up', { timeout: 5000 }, () =>
  withPhone(async (phone, server) => {
    const call = await phone.dial('600')
    const invitation = await server.next('INVITE')
    assert.equal(invitation.uri, `sip:600@127.0.0.1:${server.port}`)
    server.answer(invitation, 'SIP/2.0 200 OK', 'v=0\r\nm=audio 9 RTP/AVP 0\r\n')
    await call.answered()
    assert.match(headerOf(await server.next('ACK'), 'to'), /tag=server/)
    const held = call.hold()
    const reinvitation = await server.next('INVITE')
    assert.match(reinvitation.body, /a=sendonly/)
    server.answer(reinvitation, 'SIP/2.0 200 OK')
    await held
    const over = call.hangUp()
    server.answer(await server.next('BYE'), 'SIP/2.0 200 OK')
    await over
    assert.equal(call.isOver, true)
  }),
)

test('a silent phone wants no audio, and tells from when to when it held', { timeout: 5000 }, () => {
  const holds = new PhoneHolds()
  const play = async (phone: Phone, server: Server): Promise<void> => {
    const call = await phone.dial('600')
    const invitation = await server.next('INVITE')
    assert.match(invitation.body, /^m=audio 9 /m)
    server.answer(invitation, 'SIP/2.0 200 OK', 'v=0\r\nm=audio 9 RTP/AVP 0\r\n')
    await call.answered()
    const before = Date.now()
    const held = call.hold()
    server.answer(await server.next('INVITE'), 'SIP/2.0 200 OK')
    await held
    assert.equal(holds.all[0]?.ended, undefined)
    const over = call.hangUp()
    server.answer(await server.next('BYE'), 'SIP/2.0 200 OK')
    await over
    const [hold, ...others] = holds.all
    assert.deepEqual(others, [])
    assert.ok(hold && hold.began >= before && hold.ended !== undefined && hold.ended >= hold.began)
  }
  return withPhone(play, { isSilent: true, holds })
})

test('a phone that was put away answers no call that still rang', { timeout: 5000 }, () =>
  withPhone(async (phone, server) => {
    await phone.dial('600')
    const port = server.portOf(await server.next('INVITE'))
    phone.manner = { answerAfter: 0.05 }
    const headers = [
      ['Via', `SIP/2.0/UDP 127.0.0.1:${server.port};branch=z9hG4bK1`],
      ['From', '<sip:5551000@127.0.0.1>;tag=server'],
      ['To', '<sip:1001@127.0.0.1>'],
      ['Call-ID', 'incoming'],
      ['CSeq', '1 INVITE'],
      ['Contact', `<sip:server@127.0.0.1:${server.port}>`],
    ] as const
    server.send(port, formatSip('INVITE sip:1001@127.0.0.1 SIP/2.0', headers))
    const call = await phone.ringing()
    const { abandon } = call
    // It came too late to be abandoned with the others.
    call.abandon = () => {}
    phone.abandon()
    call.answer()
    call.abandon = abandon
    call.abandon()
  }),
)

test('a call that is not answered yet is cancelled', { timeout: 5000 }, () =>
  withPhone(async (phone, server) => {
    const call = await phone.dial('600')
    const invitation = await server.next('INVITE')
    server.answer(invitation, 'SIP/2.0 180 Ringing')
    await call.ringing
    const over = call.hangUp()
    const cancel = await server.next('CANCEL')
    assert.equal(headerOf(cancel, 'via'), headerOf(invitation, 'via'), 'a CANCEL goes where its INVITE went')
    server.answer(invitation, 'SIP/2.0 487 Request Terminated')
    assert.equal(headerOf(await server.next('ACK'), 'via'), headerOf(invitation, 'via'))
    await over
  }),
)

test('a call that comes in rings, is answered, and is ended by the other side', { timeout: 5000 }, () =>
  withPhone(async (phone, server) => {
    // Only the phone's own messages tell its port.
    await phone.dial('600')
    const port = server.portOf(await server.next('INVITE'))
    const headers = [
      ['Via', `SIP/2.0/UDP 127.0.0.1:${server.port};branch=z9hG4bK1`],
      ['From', '<sip:5551000@127.0.0.1>;tag=server'],
      ['To', '<sip:1001@127.0.0.1>'],
      ['Call-ID', 'incoming'],
      ['Contact', `<sip:server@127.0.0.1:${server.port}>`],
    ] as const
    phone.manner = { answerAfter: 0.01 }
    server.send(port, formatSip('INVITE sip:1001@127.0.0.1 SIP/2.0', [...headers, ['CSeq', '1 INVITE']]))
    const call = await phone.incoming()
    const statuses = [0, 0, 0].map(() => server.next('INVITE', true))
    assert.deepEqual((await Promise.all(statuses)).map(({ status }) => status).toSorted(), [100, 180, 200])
    server.send(port, formatSip('BYE sip:1001@127.0.0.1 SIP/2.0', [...headers, ['CSeq', '2 BYE']]))
    await call.ended()
    assert.equal((await server.next('BYE', true)).status, 200)
  }),
)
