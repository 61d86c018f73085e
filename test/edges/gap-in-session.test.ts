import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { MAX_MESSAGE_BYTES } from '../../lib/ami/parser.ts'
import { amiEvent, FakeAsterisk } from '../support/fake-asterisk.ts'
import { LiveConnection, settingsFor } from '../support/live.ts'
import { LiveProgram } from '../support/live-program.ts'
import { runPipe } from '../support/programs.ts'
import { ResyncScene } from '../support/resync-scene.ts'
import { T0 } from '../support/scene.ts'

const CALLER = 'PJSIP/trunk-00000001'
const AGENT = 'PJSIP/1001-00000002'
const HOLD = amiEvent('Hold', { Channel: 'lost' }, T0 * 1000)
const NEXT = amiEvent('Unhold', { Channel: 'next' }, T0 * 1000)

/** What a session may hold in the place of a message. */
const DAMAGES: Readonly<Record<string, Buffer>> = {
  'is neither Event nor Response': Buffer.from('PJSIP/1001-00000002\r\nUniqueid: 1.2\r\n\r\n'),
  'is cut short in a line, and the next one follows': Buffer.concat([HOLD.subarray(0, HOLD.length - 10), NEXT]),
  'is cut short in its first line, and the next one follows': Buffer.concat([HOLD.subarray(0, 9), NEXT]),
  'is cut short at the end of a line, and the next one follows': Buffer.concat([
    HOLD.subarray(0, HOLD.length - 2),
    NEXT,
  ]),
  'is cut short, and an empty line follows': Buffer.from('Event: Hold\r\nPrivilege: call,all\r\nTimest\r\n\r\n'),
  'is greater than what is read': amiEvent('Hold', { Channel: 'x'.repeat(MAX_MESSAGE_BYTES) }, T0 * 1000),
}

let server: FakeAsterisk
let folder = ''
const running: { stop: () => Promise<unknown> }[] = []

beforeEach(async () => {
  server = await FakeAsterisk.start()
  folder = mkdtempSync(join(tmpdir(), 'ami-track-gap-'))
})
afterEach(async () => {
  for (const part of running.splice(0).reverse()) await part.stop()
  await server.stop()
  rmSync(folder, { recursive: true })
})

async function connect(relistMs: number): Promise<LiveConnection> {
  const live = new LiveConnection(settingsFor(server, { resynchronises: true, relistMs }))
  running.push({ stop: () => live.close() })
  await live.until(/ResyncEnd[\s\S]*?\r\n\r\n/)
  return live
}

/** How often the lists were asked for. */
const asked = (): number => server.sessions.reduce((sum, session) => sum + session.sent('CoreStatus').length, 0)

describe('a message within a session', () => {
  for (const [what, damaged] of Object.entries(DAMAGES)) {
    it(`that ${what} has the lists asked for again`, async () => {
      const live = await connect(60_000)
      server.send(Buffer.concat([amiEvent('Hold', { Channel: 'before' }, T0 * 1000), damaged]))
      server.send(amiEvent('Hold', { Channel: 'behind' }, T0 * 1000))
      await live.until(/ResyncEnd[\s\S]*ResyncEnd[\s\S]*?\r\n\r\n/)
      assert.match(
        live.text,
        /ResyncEnd[\s\S]*Channel: before[\s\S]*ResyncBegin[\s\S]*QueueStatusComplete[\s\S]*ResyncEnd/,
      )
      assert.match(live.text, /Channel: before[\s\S]*Channel: behind/)
      assert.equal(asked(), 2)
      await live.log.until(/info: .*asking again for the open calls/)
    })
  }

  it('that is damaged again and again costs one more asking, at the end of a time', async () => {
    const live = await connect(300)
    for (let n = 0; n < 20; n++) server.send(Buffer.from('of a message\r\n\r\n'))
    await live.until(/(ResyncEnd[\s\S]*){3}/)
    assert.equal(asked(), 3)
  })

  it('that is damaged again and again has nothing asked before the end of that time', async () => {
    const live = await connect(3_600_000)
    for (let n = 0; n < 20; n++) {
      server.send(Buffer.from(`of a message ${n};\r\n\r\n`))
      await live.connection.request('Ping')
    }
    await live.until(/ResyncEnd[\s\S]*ResyncEnd/)
    assert.equal(asked(), 2)
  })

  it('that holds line ends which the dialplan has put there is none that is damaged', async () => {
    const live = await connect(1)
    server.send(Buffer.from('Event: VarSet\r\nPrivilege: dialplan,all\r\nValue: a\r\nb\r\n\r\n'))
    server.send(Buffer.from('Event: OriginateResponse\r\nPrivilege: call,all\r\nResponse: Failure\r\n\r\n'))
    server.send(amiEvent('Hold', { Channel: 'behind' }, T0 * 1000))
    await live.until(/behind/)
    await live.connection.request('Ping')
    assert.equal(asked(), 1)
  })

  it('that tells a client without events nothing asks for nothing', async () => {
    const live = new LiveConnection(settingsFor(server, { eventMask: 'off', relistMs: 1 }))
    running.push({ stop: () => live.close() })
    await server.session()
    server.send(Buffer.from('of a message\r\n\r\n'))
    await live.until(/of a message/)
    await live.connection.request('Ping')
    assert.equal(asked(), 0)
  })
})

describe('the end of a hold that is in a damaged message', () => {
  for (const [what, damage] of [
    ['of which the first line is missing', (event: Buffer) => event.subarray(7)],
    ['behind one that was cut short', (event: Buffer) => Buffer.concat([HOLD.subarray(0, 30), event])],
    [
      'behind one that is too great',
      (event: Buffer) => Buffer.concat([Buffer.alloc(MAX_MESSAGE_BYTES + 1, 'x'), event]),
    ],
  ] as const) {
    it(`${what} is written all the same, and the debug file replays to the same lines`, async () => {
      const debug = join(folder, 'debug')
      const program = LiveProgram.start(server, ['ami-track', '--queuelog', '-', '--debugfile', debug])
      running.push(program)
      await server.session()
      await program.untilLog(/^connected/)
      const scene = new ResyncScene()
      scene.at(1).connected(CALLER, AGENT, 'Jane').hold(AGENT).music(CALLER)
      server.clock = () => (T0 + 2) * 1000
      server.send(scene.bytes)
      await program.untilStdout(/CALLERONHOLD/)
      const { length } = scene.bytes
      scene.at(2).unhold(AGENT).silence(CALLER)
      const listed = new ResyncScene()
      Object.assign(listed, { uniqueid: (name: string) => scene.uniqueid(name) })
      listed.there(CALLER, { bridge: 'queue', application: 'Queue', data: 'support' })
      listed.there(AGENT, { bridge: 'queue', application: 'AppQueue' })
      server.pbx.channels = listed.pbx.channels
      server.send(damage(scene.bytes.subarray(length)))
      await program.untilStdout(/CALLEROFFHOLD/)
      const id = scene.uniqueid(CALLER)
      const lines = [`${T0 + 1}|${id}|support|Jane|CALLERONHOLD|`, `${T0 + 2}|${id}|support|Jane|CALLEROFFHOLD|`]
      assert.equal(await program.stop(), 0)
      assert.equal(program.stdout, `${lines.join('\n')}\n`)
      const { stdout } = await runPipe([['ami-track', '--replay', debug]])
      assert.equal(stdout, program.stdout)
    })
  }
})
