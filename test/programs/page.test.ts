import { strict as assert } from 'node:assert'
import { writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { createServer } from 'node:net'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { pageRoutes } from '../../lib/live/page-routes.ts'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { heldCall } from '../support/held-call.ts'
import { LiveProgram } from '../support/live-program.ts'

const TOKEN = 'Zr81-mk0p-Qw22-xx7a'
let server: FakeAsterisk
const keep = programsOfEachTest()
const file = folderOfEachTest('live')

beforeEach(async () => {
  server = await FakeAsterisk.start()
})
afterEach(() => server.stop())

function start(...options: string[]): LiveProgram {
  return keep(LiveProgram.start(server, ['ami-track', ...options]))
}

/** Where the page of a daemon is. */
async function placeOf(program: LiveProgram): Promise<string> {
  const { msg } = await program.untilLog(/^the page of the open calls is at /)
  await server.session()
  return msg.replace(/^.* at /, '')
}

function statusWithHost(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get(url, { headers: { Host: host }, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode)
    }).on('error', reject)
  })
}

describe('a daemon with --live', () => {
  it('has the page, and the open calls behind it, for this machine', async () => {
    const url = await placeOf(start('--live', '127.0.0.1:0'))
    server.send(heldCall(7))
    await server.until(() => server.queueLog.length > 0)
    const page = await fetch(url)
    assert.match(await page.text(), /<h1>Open calls<\/h1>/)
    const { calls } = JSON.parse(await (await fetch(`${url}v1/calls`)).text())
    assert.equal(calls[0].queue, 'queue-7')
    assert.equal(await statusWithHost(`${url}v1/calls`, 'rebound.example'), 403)
    // What is asked for without a name or a number in it stays at its own door.
    for (const path of ['metrics', 'healthz']) assert.equal((await fetch(url + path)).status, 404)
  })

  it('gives all of it to a hundred browsers that load it at once', async () => {
    const url = await placeOf(start('--live', '127.0.0.1:0'))
    const paths = Object.keys(pageRoutes()).slice(0, 6)
    const loads = Array.from({ length: 100 }, () => paths.map(async (path) => (await fetch(new URL(path, url))).text()))
    const texts = await Promise.all(loads.flat())
    assert.equal(new Set(texts).size, paths.length)
  })

  it('shows calls to who has the token alone, warns of a file that all can read, and tells of wrong ones, but no token', async () => {
    writeFileSync(file('token'), `${TOKEN}\n`, { mode: 0o644 })
    const program = start('--live', '127.0.0.1:0', '--live-token-file', file('token'))
    const url = await placeOf(program)
    await program.untilLog(/^everyone on this machine can read the token file .*: run chmod o-r on it/)
    const ask = async (token?: string): Promise<number> => {
      const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` }
      return (await fetch(`${url}v1/status`, { headers })).status
    }
    assert.equal(await ask(), 401)
    assert.equal(await ask('no-token-of-this-daemon'), 401)
    assert.equal(await ask(TOKEN), 200)
    assert.equal(await statusWithHost(`${url}`, 'calls.example.com'), 200)
    await program.untilLog(/^--live: 127\.0\.0\.1 sent a wrong token$/)
    assert.equal(await program.stop(), 0)
    assert.doesNotMatch(program.stderr, new RegExp(`${TOKEN}|no-token-of`))
  })

  it('ends with 1 where another program has the port', async () => {
    const other = createServer()
    await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening))
    const { port } = other.address() as { port: number }
    const program = start('--live', String(port))
    assert.equal(await program.ended, 1)
    assert.match(program.stderr, new RegExp(`--live: cannot listen on 127\\.0\\.0\\.1, port ${port}: `))
    other.close()
  })
})
