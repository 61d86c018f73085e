import { strict as assert } from 'node:assert'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { FakeAsterisk, type FakeSession } from '../support/fake-asterisk.ts'
import { LiveConnection, settingsFor } from '../support/live.ts'

let server: FakeAsterisk
let live: LiveConnection

beforeEach(async () => {
  server = await FakeAsterisk.start()
})
afterEach(async () => {
  await live.close()
  await server.stop()
})

function connect(): LiveConnection {
  live = new LiveConnection(settingsFor(server, { resynchronises: true }))
  return live
}

/** The marks, FullyBooted and the ends of lists in a stream, in their order. */
function outline(text: string): string[] {
  return [...text.matchAll(/^Event: (ResyncBegin|ResyncEnd|FullyBooted|QueueStatusComplete)\r$/gm)].map(
    ([, event = '']) => event,
  )
}

/** The session that comes after the server was started anew. */
async function restart(manner: FakeAsterisk['bootManner']): Promise<FakeSession> {
  await server.stop()
  server.bootManner = manner
  const before = server.sessions.length
  await server.restart()
  const isReady = (session: FakeSession): boolean => session.sent('CoreSettings').length > 0
  await server.until(() => server.sessions.slice(before).some(isReady))
  return server.sessions.slice(before).find(isReady) as FakeSession
}

describe('the lists of a server', () => {
  it('are asked for once where it has booted', async () => {
    server.bootManner = 'booted'
    connect()
    await live.until(/ResyncEnd[\s\S]*?\r\n\r\n/)
    assert.deepEqual(outline(live.text), ['ResyncBegin', 'FullyBooted', 'QueueStatusComplete', 'ResyncEnd'])
    assert.deepEqual(
      live.log.lines.filter((line) => /^warn/.test(line)),
      [],
    )
  })

  it('are asked for at once where the user may not read whether it has', async () => {
    server.bootManner = 'unseen'
    connect()
    await live.until(/ResyncEnd[\s\S]*?\r\n\r\n/)
    const session = await restart('unseen')
    await live.until(/ResyncEnd[\s\S]*ResyncEnd[\s\S]*?\r\n\r\n/)
    assert.equal(session.sent('QueueStatus').length, 1)
  })

  it('are not asked for while a server starts of which it is known that it tells when it is done', async () => {
    server.bootManner = 'booted'
    connect()
    await live.until(/ResyncEnd/)
    const session = await restart('starting')
    // The session has asked for the version by then; the lists would have been asked for before that.
    assert.equal(session.sent('CoreShowChannels').length, 0)
    server.finishBoot()
    await live.until(/ResyncEnd[\s\S]*ResyncEnd[\s\S]*?\r\n\r\n/)
    const second = outline(live.text).slice(outline(live.text).lastIndexOf('ResyncBegin'))
    assert.deepEqual(second, ['ResyncBegin', 'FullyBooted', 'QueueStatusComplete', 'ResyncEnd'])
    assert.equal(session.sent('CoreShowChannels').length, 1)
    assert.doesNotMatch(live.log.lines.join('\n'), /does not know/)
  })

  it('are asked for once more when a server has booted that was just starting at the first login', async () => {
    server.bootManner = 'starting'
    connect()
    await live.until(/ResyncEnd[\s\S]*?\r\n\r\n/)
    assert.doesNotMatch(live.text, /Lists: .*QueueStatus/)
    server.finishBoot()
    await live.until(/ResyncEnd[\s\S]*ResyncEnd[\s\S]*?\r\n\r\n/)
    assert.deepEqual(outline(live.text), [
      ...['ResyncBegin', 'ResyncEnd'],
      ...['ResyncBegin', 'FullyBooted', 'QueueStatusComplete', 'ResyncEnd'],
    ])
    assert.match(live.text, /ResyncEnd\r\n.*\r\n.*\r\nLists: .*QueueStatus\r\n\r\n$/)
    await live.log.until(/warn: Asterisk does not know QueueStatus: it is still starting/)
  })

  it('are asked for once more when it has booted while they came', async () => {
    server.bootManner = 'starting'
    // The boot is done between the answers to two of the actions.
    const answer = server.pbx.answer.bind(server.pbx)
    server.pbx.answer = (action) => {
      if (action.get('action') === 'Status' && server.bootManner === 'starting') server.finishBoot()
      return answer(action)
    }
    connect()
    await live.until(/ResyncEnd[\s\S]*ResyncEnd[\s\S]*?\r\n\r\n/)
    assert.equal(server.loggedIn[0]?.sent('Status').length, 2)
  })
})
