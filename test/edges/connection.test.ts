import { strict as assert } from 'node:assert'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { generate } from 'selfsigned'
import { ConnectionError } from '../../lib/connection/errors.ts'
import { amiEvent, FakeAsterisk, type FakeAsteriskOptions, type FakeSession } from '../support/fake-asterisk.ts'
import { LiveConnection, settingsFor } from '../support/live.ts'
import { LiveProgram } from '../support/live-program.ts'

type Settings = Parameters<typeof settingsFor>[1]

const running: { stop: () => Promise<unknown> }[] = []
afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part.stop()
})

async function start(options: Partial<FakeAsteriskOptions> = {}): Promise<FakeAsterisk> {
  const server = await FakeAsterisk.start(options)
  running.push(server)
  return server
}

function connect(server: FakeAsterisk, settings: Settings = {}): LiveConnection {
  const live = new LiveConnection(settingsFor(server, settings))
  running.push({ stop: () => live.close() })
  return live
}

/** The session that is logged in and was not there before. */
async function sessionAfter(server: FakeAsterisk, former: FakeSession): Promise<FakeSession> {
  const isNext = (session: FakeSession): boolean =>
    server.sessions.indexOf(session) > server.sessions.indexOf(former) && session.sent('CoreSettings').length > 0
  await server.until(() => server.sessions.some(isNext))
  return server.sessions.find(isNext) as FakeSession
}

describe('a login that is refused', () => {
  it('after one that succeeded is tried again, and the log says what to check', async () => {
    const server = await start()
    const live = connect(server)
    const first = await server.session()
    server.loginManner = 'refuse'
    first.reset()
    await live.log.until(
      /error: no connection to Asterisk: .*refuses the login of "tracker".* manager\.conf; trying again/,
    )
    server.loginManner = 'accept'
    await sessionAfter(server, first)
    assert.equal(live.connection.trouble, undefined)
  })

  it('does not end a service that has worked: it is there when manager.conf is as it was', async () => {
    const server = await start()
    const program = LiveProgram.start(server, ['ami-track'])
    running.push(program)
    const first = await server.session()
    server.loginManner = 'refuse'
    first.reset()
    await program.untilLog(/refuses the login/)
    server.loginManner = 'accept'
    await sessionAfter(server, first)
    assert.equal(await program.stop(), 0)
  })

  it('ends a service that has never logged in, with the exit code of what can never work', async () => {
    const server = await start({ secret: 'other' })
    assert.equal(await LiveProgram.start(server, ['ami-track']).ended, 3)
  })
})

describe('a server that cuts each session right after its login', () => {
  it('is connected to less and less often, also if it told all lists before', async () => {
    const server = await start()
    const live = connect(server, { resynchronises: true })
    let session = await server.session()
    await live.until(/ResyncEnd/)
    session.reset()
    for (let n = 0; n < 2; n++) {
      session = await sessionAfter(server, session)
      session.reset()
    }
    await live.log.until(/connecting again in/, 3)
    const waits = live.log.lines.flatMap((line) => /connecting again in ([\d.]+) s/.exec(line)?.[1] ?? []).map(Number)
    const [first = 0, second = 0, third = 0] = waits
    assert.ok(first <= 1 && second >= 1 && second <= 2 && third >= 2, String(waits))
  })
})

describe('a server that offers no challenge', () => {
  /** An address of this machine that is none of the loopback: to a client, another machine's. */
  const host = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === 'IPv4')?.address
  const elsewhere = { skip: host === undefined && 'this machine has no network' }

  it('on another machine does not get the secret, and the error says what to do', elsewhere, async () => {
    const server = await start({ offersMd5: false, host: host ?? '' })
    const error = await connect(server, { host: host ?? '' }).ended
    assert.ok(error instanceof ConnectionError && error.isHopeless)
    assert.match(error.message, /no MD5 login \(Must specify AuthType\).*: use --tls 1, or allow it with --auth plain/)
    assert.deepEqual(
      server.sessions.flatMap(({ actions }) => actions.map((action) => action.get('action'))),
      ['Challenge'],
    )
  })

  it(
    'on another machine does not get it from a program either, unless --auth plain allows that',
    elsewhere,
    async () => {
      const server = await start({ offersMd5: false, host: host ?? '' })
      for (const name of ['ami-track', 'ami-connect']) {
        const refused = LiveProgram.start(server, [name, '--host', host ?? ''])
        assert.equal(await refused.ended, 3)
        assert.match(refused.stderr, /use --tls 1, or allow it with --auth plain/)
      }
      const program = LiveProgram.start(server, ['ami-connect', '--host', host ?? '', '--auth', 'plain'])
      running.push(program)
      assert.equal((await server.session()).sent('Login')[0]?.get('secret'), 'tr4ck')
    },
  )

  it('gets it there by TLS', elsewhere, async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'pbx.example' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'pbx.example' }] }],
    })
    const server = await start({ offersMd5: false, host: host ?? '', tls: { key, cert } })
    connect(server, { host: host ?? '', tls: { ca: cert, servername: 'pbx.example' } })
    assert.equal((await server.session()).sent('Login')[0]?.get('secret'), 'tr4ck')
  })

  it('gets it on this machine', async () => {
    const server = await start({ offersMd5: false })
    connect(server)
    assert.equal((await server.session()).sent('Login')[0]?.get('secret'), 'tr4ck')
  })
})

describe('a server that says back what a client logs in with', () => {
  /** Where a key, or a secret, could be seen. */
  const secretsOf = (session: FakeSession | undefined): string[] => {
    const [login] = session?.sent('Login') ?? []
    return [login?.get('key'), login?.get('secret'), 'tr4ck'].filter((text) => text !== undefined)
  }

  for (const offersMd5 of [true, false]) {
    const what = offersMd5 ? 'the MD5 key' : 'the secret'
    it(`brings ${what} into no stream, log or error`, async () => {
      const server = await start({ offersMd5 })
      server.echoesLogin = true
      const live = connect(server, { resynchronises: true })
      const session = await server.session()
      session.send(amiEvent('Hold', { Channel: 'a' }))
      await live.until(/Action: Login[\s\S]*Authentication accepted[\s\S]*Channel: a/)
      server.loginManner = 'refuse'
      session.reset()
      await live.log.until(/error: .*refuses the login/)
      const shown = live.text + live.log.lines.join('\n') + live.connection.trouble
      for (const text of server.sessions.flatMap(secretsOf)) assert.ok(!shown.includes(text), text)
    })
  }

  it('brings it into no debug file', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ami-track-echo-'))
    const debug = join(folder, 'debug')
    const server = await start()
    server.echoesLogin = true
    const program = LiveProgram.start(server, ['ami-track', '--debugfile', debug, '--loglevel', 'debug'])
    const session = await server.session()
    assert.equal(await program.stop(), 0)
    const shown = readFileSync(debug, 'latin1') + program.stderr
    rmSync(folder, { recursive: true })
    assert.match(shown, /Action: Login\r\n/)
    for (const text of secretsOf(session)) assert.ok(!shown.includes(text), text)
  })

  it('is answered for the challenge that it gave, even if the secret is a part of that', async () => {
    // Challenges have nine digits.
    const server = await start({ secret: '1' })
    connect(server, { secret: '1' })
    const session = await server.session()
    const key = createHash('md5').update(`${session.challenge}1`).digest('hex')
    assert.equal(session.sent('Login')[0]?.get('key'), key)
  })
})

describe('a proxy that swallows actions', () => {
  /** Keeps a session alive by events: only answers are missing. */
  function chatter(server: FakeAsterisk): void {
    const timer = setInterval(() => server.send(amiEvent('Hold', { Channel: 'a' }, server.clock())), 5)
    running.push({ stop: async () => clearInterval(timer) })
  }

  it('costs the actions that it swallows, after some time, and not the connection', async () => {
    const server = await start()
    server.swallowed.add('UserEvent')
    const live = connect(server, { pingIntervalMs: 10, deadPeerMs: 50 })
    const session = await server.session()
    chatter(server)
    await assert.rejects(live.connection.request('UserEvent'), /did not answer UserEvent before 0\.1 s passed/)
    assert.equal((await live.connection.request('CoreStatus')).get('Response'), 'Success')
    assert.deepEqual(server.loggedIn, [session])
  })

  it('does not stop time forever when it swallowed a Ping', async () => {
    const server = await start()
    server.swallowed.add('Ping')
    const live = connect(server, { pingIntervalMs: 10, deadPeerMs: 50 })
    const session = await server.session()
    chatter(server)
    await server.until(() => session.sent('Ping').length > 2)
    server.swallowed.clear()
    await live.until(/Tick/)
    assert.deepEqual(server.loggedIn, [session])
  })

  it('does not keep the lists from being asked for again when it swallowed the end of the first', async () => {
    const server = await start()
    server.swallowed.add('Ping')
    const live = connect(server, { resynchronises: true, pingIntervalMs: 10, deadPeerMs: 50, relistMs: 1 })
    const session = await server.session()
    chatter(server)
    await server.until(() => session.sent('CoreStatus').length > 0)
    server.send(Buffer.from('of a message\r\n\r\n'))
    await server.until(() => session.sent('CoreStatus').length > 1)
    server.swallowed.clear()
    server.send(Buffer.from('of a message\r\n\r\n'))
    await live.until(/ResyncEnd/)
  })
})

describe('a server that refuses in ever new words', () => {
  it('fills no log: of each action it is told once', async () => {
    const server = await start()
    let count = 0
    const answer = server.pbx.answer.bind(server.pbx)
    server.pbx.answer = (action) => {
      if (action.get('action') !== 'QueueStatus') return answer(action)
      const id = action.get('actionid')
      return Buffer.from(`Response: Error\r\nActionID: ${id}\r\nMessage: Not now, ${++count}\r\n\r\n`)
    }
    const live = connect(server, { resynchronises: true, relistMs: 1 })
    await live.until(/ResyncEnd/)
    for (const times of [2, 3, 4]) {
      server.send(Buffer.from('of a message\r\n\r\n'))
      await live.until(new RegExp(`(ResyncEnd[\\s\\S]*){${times}}`))
    }
    assert.ok(count >= 4)
    assert.equal(live.log.lines.filter((line) => /refuses QueueStatus/.test(line)).length, 1)
  })

  it('fills none with the lines that it refuses either', async () => {
    const server = await start()
    let count = 0
    server.answerQueueLog = () => ({ Response: 'Error', Message: `Not now, ${++count}` })
    const program = LiveProgram.start(server, ['qlog-write'])
    running.push(program)
    const record = { time: 1, callid: '1.1', queuename: 'q', agent: 'a', event: 'CALLERONHOLD', data: [] }
    program.write(`${JSON.stringify({ queue_log: record })}\n`.repeat(100))
    program.write(undefined)
    assert.equal(await program.ended, 0)
    assert.equal(count, 100)
    const told = program.log.filter(({ msg }) => /refused a queue_log line/.test(msg))
    assert.equal(told.length, 2)
    assert.match(told[1]?.msg ?? '', /\(99 more times\)/)
  })

  it('fills none with the logins that it refuses', async () => {
    const server = await start()
    let count = 0
    server.refusalOfLogin = () => `Not now, ${++count}`
    server.loginManner = 'refuse'
    const live = connect(server)
    await server.until(() => count > 2)
    assert.equal(live.log.lines.filter((line) => /Asterisk refuses the login/.test(line)).length, 1)
  })
})
