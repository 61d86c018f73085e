import { strict as assert } from 'node:assert'
import { afterEach, describe, it } from 'node:test'
import { ConnectionError } from '../../lib/connection/errors.ts'
import { amiEvent, amiMessage, FakeAsterisk, type FakeAsteriskOptions } from '../support/fake-asterisk.ts'
import { LiveConnection, settingsFor } from '../support/live.ts'

type Settings = Parameters<typeof settingsFor>[1]

const running: { stop: () => Promise<void> }[] = []
afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part.stop()
})

async function start(options: Partial<FakeAsteriskOptions> = {}): Promise<FakeAsterisk> {
  const server = await FakeAsterisk.start(options)
  running.push(server)
  return server
}

function connect(server: FakeAsterisk, settings: Settings = {}, options = {}): LiveConnection {
  const live = new LiveConnection(settingsFor(server, settings), options)
  running.push({ stop: () => live.close() })
  return live
}

const STAMP = 1_800_000_000_123
const hold = (channel: string, stamp: number | undefined = STAMP): Buffer =>
  amiEvent('Hold', { Channel: channel }, stamp)

describe('a login', () => {
  it('answers the challenge of a server that offers one, and asks for the classes that trackers read', async () => {
    const server = await start()
    connect(server)
    const session = await server.session()
    const [login] = session.sent('Login')
    assert.equal(login?.get('authtype'), 'MD5')
    assert.equal(login?.get('secret'), undefined)
    assert.equal(login?.get('events'), 'system,call,agent')
  })

  it('gives the secret to a server that has no challenge', async () => {
    const server = await start({ offersMd5: false })
    connect(server)
    const [login] = (await server.session()).sent('Login')
    assert.equal(login?.get('secret'), 'tr4ck')
  })

  it('reads a greeting that comes in pieces', async () => {
    const server = await start()
    server.greetingPieces = [1, 9, 15, 3]
    const live = connect(server)
    await live.log.until(/connected to Asterisk 22\.10\.1 .* as tracker \(Asterisk Call Manager\/11\.0\.0\)/)
  })

  it('passes on events that come before its answer', async () => {
    const server = await start()
    server.beforeLoginReply = hold('early')
    const live = connect(server)
    await live.until(/Authentication accepted/)
    assert.match(live.text, /^Asterisk Call Manager\/11\.0\.0\r\n.*Channel: early.*Authentication accepted/s)
  })

  it('that is refused can never succeed, and the error says what to check', async () => {
    const server = await start({ secret: 'other' })
    const error = await connect(server).ended
    assert.ok(error instanceof ConnectionError && error.isHopeless)
    assert.match(
      error.message,
      /refuses the login of "tracker" \(Authentication failed\).*\[tracker\] in manager\.conf/,
    )
  })

  it('is not tried with an Asterisk too old', async () => {
    const server = await start({ banner: 'Asterisk Call Manager/1.3' })
    const error = await connect(server).ended
    assert.ok(error instanceof ConnectionError && error.isHopeless)
    assert.match(error.message, /Asterisk Call Manager\/1\.3.*needs Asterisk 13 or later/)
    assert.equal(server.sessions[0]?.actions.length, 0)
  })

  it('is tried again where something else than Asterisk answers', async () => {
    const server = await start({ banner: 'SSH-2.0-OpenSSH_9.2' })
    const live = connect(server)
    await live.log.until(/this is not an Asterisk manager: it greets with "SSH-2\.0-OpenSSH_9\.2"/)
    await server.until(() => server.sessions.length > 1)
  })

  it('that is not answered is given up and tried again', async () => {
    const server = await start()
    server.loginManner = 'say nothing'
    const live = connect(server, { loginTimeoutMs: 100 })
    await live.log.until(/error: no connection to Asterisk: Asterisk did not answer the login within 0\.1 s/)
    server.loginManner = 'accept'
    await live.log.until(/info: connected/)
  })

  it('says what is wrong where nobody listens, once, and succeeds when somebody does', async () => {
    const server = await start()
    await server.stop()
    const live = connect(server)
    await live.log.until(/no program listens there: check that Asterisk runs/)
    await server.restart()
    await live.log.until(/info: connected/)
    assert.equal(live.log.lines.filter((line) => !/more times/.test(line)).length, 2)
  })

  it('shows the secret nowhere, even if the server says it back', async () => {
    const server = await start()
    server.beforeLoginReply = amiMessage([
      ['Response', 'Error'],
      ['Message', 'who is tr4ck?'],
    ])
    const live = connect(server)
    await live.log.until(/no connection/)
    await live.until(/who is/)
    assert.doesNotMatch(live.log.lines.join('\n') + live.text, /tr4ck/)
  })
})

describe('the stream', () => {
  it('is what Asterisk sent, byte for byte, where it stamps its events and all of them are wanted', async () => {
    const server = await start()
    const live = connect(server, { eventMask: 'on' })
    const session = await server.session()
    await live.until(/22\.10\.1\r\n\r\n/)
    const before = live.text
    const sent = Buffer.concat([
      hold('a'),
      Buffer.from('Event: UserEvent\r\nPrivilege: user,all\r\nTimestamp: 1800000000.5\r\nX: 1\n2\r\n\r\n'),
      hold('b'),
    ])
    session.send(sent)
    await live.until(/Channel: b\r\n\r\n/)
    assert.equal(live.text, before + sent.toString('latin1'))
  })

  it('has no user events, which may hold anything, where not all events are wanted', async () => {
    const server = await start()
    const live = connect(server)
    const session = await server.session()
    session.send(Buffer.concat([amiEvent('UserEvent', { UserEvent: 'Payment', Card: '4111' }), hold('a')]))
    await live.until(/Channel: a\r\n\r\n/)
    assert.doesNotMatch(live.text, /UserEvent/)
  })

  it('has a Timestamp in the third line of an event that came without', async () => {
    const server = await start()
    const live = connect(server)
    const session = await server.session()
    session.send(amiEvent('Hold', { Channel: 'a' }))
    session.send(Buffer.from('Event: QueueEntry\r\nQueue: support\r\n\r\n'))
    await live.until(/support\r\n\r\n/)
    assert.match(live.text, /Event: Hold\r\nPrivilege: call,all\r\nTimestamp: \d{10}\.\d{6}\r\nChannel: a\r\n\r\n/)
    assert.match(live.text, /Event: QueueEntry\r\nTimestamp: \d{10}\.\d{6}\r\nQueue: support\r\n\r\n/)
  })

  it('is whole where the bytes come one by one', async () => {
    const server = await start()
    const live = connect(server)
    const session = await server.session()
    await session.drip(hold('dripped'))
    await live.until(/Event: Hold\r\nPrivilege: call,all\r\nTimestamp: 1800000000\.123000\r\nChannel: dripped\r\n\r\n/)
  })

  it('leaves out a message that was cut by a reset, and goes on behind a new banner', async () => {
    const server = await start()
    const live = connect(server)
    const first = await server.session()
    first.send(hold('whole'))
    first.send(hold('cut').subarray(0, 40))
    await live.until(/whole/)
    first.reset()
    await server.until(() => server.loggedIn.some((session) => session !== first))
    server.send(hold('later'))
    await live.until(/later/)
    assert.match(live.text, /whole.*Asterisk Call Manager.*later/s)
    assert.equal(live.text.match(/Event: Hold/g)?.length, 2)
    await live.log.until(/warn: lost the connection to Asterisk: .*ECONNRESET.*; connecting again/)
  })

  it('goes on when Asterisk has restarted', async () => {
    const server = await start()
    const live = connect(server)
    const session = await server.session()
    session.send(amiEvent('Shutdown', { Shutdown: 'Cleanly', Restart: 'True' }))
    await live.until(/Shutdown/)
    await server.stop()
    await live.log.until(/warn: lost the connection to Asterisk: Asterisk has shut down/)
    await server.restart()
    await server.session()
    server.send(hold('after the restart'))
    await live.until(/after the restart/)
  })

  it('goes on when the server fell silent without closing', async () => {
    const server = await start()
    const live = connect(server, { pingIntervalMs: 30, deadPeerMs: 1000 })
    const silent = await server.session()
    silent.goSilent()
    await live.log.until(
      /warn: lost the connection to Asterisk: Asterisk sent nothing for 1 s, not even an answer to Ping/,
    )
    assert.ok(silent.sent('Ping').length > 0)
    await server.until(() => server.loggedIn.some((session) => session !== silent))
  })

  it('asks a quiet server for a sign of life, and is content with one', async () => {
    const server = await start()
    const live = connect(server, { pingIntervalMs: 20, deadPeerMs: 10_000 })
    const session = await server.session()
    await server.until(() => session.sent('Ping').length >= 3)
    assert.doesNotMatch(live.log.lines.join('\n'), /lost/)
  })

  it('says that time passes while nothing comes but what no tracker reads', async () => {
    const server = await start()
    const live = connect(server)
    const session = await server.session()
    const noise = setInterval(() => session.send(amiEvent('DeviceStateChange', { Device: 'PJSIP/1001' })), 5)
    await live.until(/(Tick[\s\S]*DeviceStateChange[\s\S]*){5}/)
    clearInterval(noise)
  })

  it('says nothing of the time while the server does not answer', async () => {
    const server = await start()
    const live = connect(server)
    const session = await server.session()
    session.send(hold('a'))
    await live.until(/Tick/)
    session.goSilent()
    const asked = session.sent('Ping').length
    await server.until(() => session.sent('Ping').length > asked)
    const before = live.textWithTicks
    session.reset()
    await live.until(/Authentication accepted[\s\S]*Authentication accepted/)
    assert.doesNotMatch(live.textWithTicks.slice(before.length), /Tick/)
  })

  it('does not hold a greeting behind which nothing came', async () => {
    const server = await start()
    server.closesAfterGreeting = true
    const live = connect(server)
    await live.log.until(/no connection/)
    server.closesAfterGreeting = false
    await live.until(/accepted/)
    assert.equal(live.text.match(/Asterisk Call Manager/g)?.length, 1)
  })

  it('says that time passes while nothing comes, by the clock of the events', async () => {
    const server = await start()
    const live = connect(server)
    const session = await server.session()
    session.send(hold('a'))
    await live.until(/Channel: a(.*Tick){5}/s)
    const [first = 0, ...others] = [...live.textWithTicks.matchAll(/(?:Hold|Tick)\r\n.*\r\nTimestamp: ([\d.]+)/g)].map(
      (match) => Number(match[1]) * 1000,
    )
    assert.equal(first, STAMP)
    assert.deepEqual(
      others,
      [...others].sort((one, other) => one - other),
    )
    const isOfServer = (ms: number): boolean => ms >= STAMP && ms < STAMP + 60_000
    assert.ok(others.every(isOfServer), String(others))
  })
})

describe('a reader that is slow', () => {
  it('does not slow the socket down, and finds everything in its order', async () => {
    const server = await start()
    const live = connect(server, { maxWaitingBytes: 64 * 1024 * 1024 }, { reads: false })
    const session = await server.session()
    const count = 20_000
    for (let n = 0; n < count; n++) session.send(hold(`n${n};`))
    // Nobody reads the stream, and yet the server gets rid of all it has.
    await live.connection.request('Ping')
    assert.equal(session.socket.writableLength, 0)
    assert.ok(live.connection.stream.depth > count * 60)
    live.read()
    await live.until(new RegExp(`n${count - 1};`))
    const order = [...live.text.matchAll(/Channel: n(\d+);/g)].map((match) => Number(match[1]))
    assert.deepEqual(
      order,
      Array.from({ length: count }, (_, n) => n),
    )
  })

  it('that falls too far behind costs the connection, with an error, and it is made again once it has caught up', async () => {
    const server = await start()
    const live = connect(server, { maxWaitingBytes: 100_000 }, { reads: false })
    const first = await server.session()
    for (let n = 0; n < 2000; n++) first.send(hold(`n${n};`))
    await live.log.until(/error: ami-track reads events too slowly: .* wait, and new events are lost/)
    await server.until(() => !first.isOpen)
    live.read()
    await server.until(() => server.loggedIn.length > 0)
    server.send(hold('after'))
    await live.until(/after/)
    const order = [...live.text.matchAll(/Channel: n(\d+);/g)].map((match) => Number(match[1]))
    assert.ok(order.length > 0 && order.length < 2000)
    assert.deepEqual(
      order,
      Array.from({ length: order.length }, (_, n) => n),
    )
  })
})

describe('actions', () => {
  it('are sent without waiting for each other, and matched with their answers', async () => {
    const server = await start()
    const live = connect(server)
    await server.session()
    const answers = await Promise.all([
      live.connection.request('Ping'),
      live.connection.request('CoreSettings'),
      live.connection.request('Nonsense'),
    ])
    assert.deepEqual(
      answers.map((answer) => answer.get('Ping') ?? answer.get('AsteriskVersion') ?? answer.get('Message')),
      ['Pong', '22.10.1', 'Invalid/unknown command'],
    )
  })

  it('fail when the connection is lost before the answer', async () => {
    const server = await start()
    const live = connect(server)
    const session = await server.session()
    session.goSilent()
    const request = live.connection.request('Ping')
    await server.until(() => session.sent('Ping').length > 0)
    session.reset()
    await assert.rejects(request, ConnectionError)
  })
})
