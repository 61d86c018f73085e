import { strict as assert } from 'node:assert'
import { request } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, describe, it } from 'node:test'
import { HttpServer } from '../../lib/http/http-server.ts'
import { LiveGuard } from '../../lib/live/live-guard.ts'
import { pageRoutes } from '../../lib/live/page-routes.ts'
import { WrongTokens } from '../../lib/live/wrong-tokens.ts'
import { ErrorLog } from '../../lib/text/log.ts'
import { RecordingLog } from '../support/recording-log.ts'

const TOKEN = 'vLq2-8sn1-Pz0w-aa17'
const closes: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closes.splice(0)) await close()
})

interface Answer {
  status: number
  body: string
  headers: Record<string, string | string[] | undefined>
}

/** A door as the daemon has it, with one thing to see behind it. */
async function door(token?: string, host = '127.0.0.1') {
  const log = new RecordingLog()
  const errors = new ErrorLog(log)
  const guard = new LiveGuard({ place: { host, port: 9465 }, token, errors })
  const routes = {
    ...pageRoutes(),
    ...guard.routes,
    '/v1/calls': (_asked: unknown, reply: { json(value: unknown): void }) => reply.json(['5551000']),
  }
  const server = await HttpServer.listen({ host: '127.0.0.1', port: 0 }, { by: '--live', routes, admits: guard.admits })
  closes.push(
    () => server.close(),
    () => errors.end(),
  )
  const { port } = new URL(server.url)
  const ask = (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const asked = request({
        host: '127.0.0.1',
        port,
        path,
        method,
        headers: { Host: `127.0.0.1:${port}`, ...headers },
      })
      asked.on('error', reject)
      asked.on('response', async (response) => {
        resolve({ status: response.statusCode ?? 0, body: await text(response), headers: response.headers })
      })
      asked.end()
    })
  const status = async (...args: Parameters<typeof ask>): Promise<number> => (await ask(...args)).status
  return { ask, status, log }
}

const bearer = (token: string): Record<string, string> => ({ Authorization: `Bearer ${token}` })

describe('the page of the open calls, without a token', () => {
  it('is answered by the names of the loopback alone: a foreign name may have been led here', async () => {
    const { status } = await door()
    for (const host of ['127.0.0.1:9465', 'localhost', 'LocalHost:8080', '[::1]:9465', '127.8.9.1']) {
      assert.equal(await status('/v1/calls', { Host: host }), 200, host)
    }
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '10.0.0.1:9465',
      '[::2]',
      'evil:80:80',
      '127.evil',
    ]) {
      for (const path of ['/v1/calls', '/', '/nothing']) assert.equal(await status(path, { Host: host }), 403, host)
    }
  })

  it('is answered by the name on which it listens', async () => {
    const { status } = await door(undefined, 'Localhost.internal')
    assert.equal(await status('/v1/calls', { Host: 'localhost.INTERNAL:1' }), 200)
  })

  it('is not for pages of other sites, by the word of the browser', async () => {
    const { status } = await door()
    const from = (site: string, more: Record<string, string> = {}) => ({ 'Sec-Fetch-Site': site, ...more })
    assert.equal(await status('/v1/calls', from('same-origin')), 200)
    assert.equal(await status('/v1/calls', from('none', { 'Sec-Fetch-Mode': 'navigate' })), 200)
    for (const site of ['cross-site', 'same-site', 'whatever']) {
      for (const path of ['/v1/calls', '/live.js', '/']) assert.equal(await status(path, from(site)), 403, path)
      const isLink = { 'Sec-Fetch-Mode': 'navigate', 'Sec-Fetch-Dest': 'document' }
      assert.equal(await status('/', from(site, isLink)), 200, 'a link may lead to the page')
      assert.equal(await status('/v1/calls', from(site, isLink)), 403)
      assert.equal(await status('/', from(site, { ...isLink, 'Sec-Fetch-Dest': 'iframe' })), 403)
    }
  })

  it('is not for pages of other sites, by Origin where the browser says nothing else', async () => {
    const { status } = await door()
    const of = (Origin: string) => ({ Host: 'localhost:9465', Origin })
    assert.equal(await status('/v1/calls', of('http://localhost:9465')), 200)
    for (const origin of [
      'http://localhost:3000',
      'http://evil.example',
      'null',
      'http://localhost:9465.evil.example',
    ]) {
      assert.equal(await status('/v1/calls', of(origin)), 403, origin)
    }
  })

  it('may be read, and nothing else', async () => {
    const { status } = await door()
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) assert.equal(await status('/v1/calls', {}, method), 405)
    assert.equal(await status('/v1/calls', {}, 'HEAD'), 200)
  })

  it('tells browsers on each answer, also a refusal, to take nothing from elsewhere and to show it nowhere else', async () => {
    const { ask } = await door()
    for (const answer of [
      ask('/'),
      ask('/v1/calls'),
      ask('/none'),
      ask('/', { Host: 'evil.example' }),
      ask('/', {}, 'POST'),
    ]) {
      const { headers } = await answer
      const policy = String(headers['content-security-policy'])
      for (const rule of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
      ]) {
        assert.ok(policy.includes(rule), `${rule} is not in ${policy}`)
      }
      assert.doesNotMatch(policy, /unsafe|\*|https?:|data:/)
      assert.equal(headers['x-content-type-options'], 'nosniff')
      assert.equal(headers['referrer-policy'], 'no-referrer')
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
      assert.equal(headers['cache-control'], 'no-store')
      assert.equal(headers['access-control-allow-origin'], undefined)
    }
  })

  it('has every file that the page names, and no part of it comes from elsewhere', async () => {
    const { ask } = await door()
    const seen = new Set<string>()
    const visit = async (path: string): Promise<void> => {
      if (seen.has(path)) return
      seen.add(path)
      const { status, body } = await ask(path)
      assert.equal(status, 200, path)
      for (const [, name = ''] of body.matchAll(/(?:src|href|from)[= ]["'](?:\.\/)?([\w-]+\.\w+)["']/g))
        await visit(`/${name}`)
      assert.doesNotMatch(
        body.replaceAll('http://www.w3.org/2000/svg', ''),
        /https?:\/\/|@import url|innerHTML|insertAdjacent|document\.write|eval\(/,
      )
    }
    await visit('/')
    assert.deepEqual([...seen].sort(), Object.keys(pageRoutes()).sort())
  })
})

describe('the page of the open calls, with a token', () => {
  it('shows no call to who has none, whatever the name, and the page itself to everyone', async () => {
    const { ask } = await door(TOKEN, '0.0.0.0')
    for (const Host of ['pbx.example', '10.0.0.5:9465', 'localhost']) {
      const { status, body, headers } = await ask('/v1/calls', { Host })
      assert.equal(status, 401)
      assert.equal(headers['www-authenticate'], 'Bearer realm="ami-track"')
      assert.doesNotMatch(body, /5551000/)
      assert.equal((await ask('/', { Host })).status, 200)
    }
  })

  it('shows them to who has it, in a header, and to no other spelling', async () => {
    const { status } = await door(TOKEN)
    assert.equal(await status('/v1/calls', bearer(TOKEN)), 200)
    assert.equal(await status('/v1/calls', { Authorization: `bearer  ${TOKEN}` }), 200)
    for (const wrong of ['', TOKEN.slice(1), `${TOKEN}x`, TOKEN.toLowerCase()]) {
      assert.equal(await status('/v1/calls', bearer(wrong)), 401, wrong)
    }
    assert.equal(await status('/v1/calls', { Authorization: `Basic ${btoa(`:${TOKEN}`)}` }), 401)
    assert.equal(await status(`/v1/calls?token=${TOKEN}`), 401)
  })

  it('gives a cookie for it, in which it does not stand, and which no script and no other site can use', async () => {
    const { ask, status } = await door(TOKEN)
    const { headers } = await ask('/v1/login', bearer(TOKEN))
    const [cookie = ''] = headers['set-cookie'] ?? []
    assert.match(cookie, /^ami-track-live-9465=[\w-]{43}; Path=\/; Max-Age=34560000; HttpOnly; SameSite=Strict$/)
    assert.ok(!cookie.includes(TOKEN))
    const [pair = ''] = cookie.split(';')
    assert.equal(await status('/v1/calls', { Cookie: `other=1; ${pair}; more=2` }), 200)
    assert.equal(await status('/v1/calls', { Cookie: pair.slice(0, -1) }), 401)
    assert.equal(await status('/v1/calls', { Cookie: `ami-track-live-9465=${TOKEN}` }), 401)
    assert.equal(await status('/v1/calls', { Cookie: pair, 'Sec-Fetch-Site': 'cross-site' }), 403)
    const encrypted = await ask('/v1/login', { ...bearer(TOKEN), 'X-Forwarded-Proto': 'https' })
    assert.match(String(encrypted.headers['set-cookie']), /; Secure$/)
    assert.equal((await ask('/v1/login')).headers['set-cookie'], undefined)
  })

  it('knows the cookie again after a restart, and not that of another token', async () => {
    const { ask } = await door(TOKEN)
    const [pair = ''] = String((await ask('/v1/login', bearer(TOKEN))).headers['set-cookie']).split(';')
    const [same, other] = [await door(TOKEN), await door(`${TOKEN}2`)]
    assert.equal(await same.status('/v1/calls', { Cookie: pair }), 200)
    assert.equal(await other.status('/v1/calls', { Cookie: pair }), 401)
  })

  it('looks at ten wrong ones a minute, no right one behind them, and who has a cookie goes on', async () => {
    const { ask, status, log } = await door(TOKEN)
    const [pair = ''] = String((await ask('/v1/login', bearer(TOKEN))).headers['set-cookie']).split(';')
    for (let n = 0; n < 10; n++) assert.equal(await status('/v1/calls', bearer(`guess-${n}-of-a-token`)), 401)
    const late = await ask('/v1/calls', bearer(TOKEN))
    assert.equal(late.status, 429)
    assert.match(String(late.headers['retry-after']), /^[1-9]\d?$/)
    assert.equal(await status('/v1/calls', { Cookie: pair }), 200)
    assert.deepEqual(log.lines, ['error: --live: 127.0.0.1 sent a wrong token'])
  })
})

describe('who gives wrong tokens', () => {
  it('may try again a minute after the first of them', () => {
    let now = 0
    const wrong = new WrongTokens(() => now)
    for (let n = 0; n < 10; n++) {
      assert.equal(wrong.waitOf('10.0.0.1'), 0)
      wrong.add('10.0.0.1')
    }
    now = 15_000
    assert.equal(wrong.waitOf('10.0.0.1'), 45_000)
    assert.equal(wrong.waitOf('10.0.0.2'), 0)
    now = 60_000
    assert.equal(wrong.waitOf('10.0.0.1'), 0)
    wrong.add('10.0.0.1')
    assert.equal(wrong.waitOf('10.0.0.1'), 0)
  })

  it('is one and the same in a /64 of IPv6, and is told from others by IPv4 in IPv6', () => {
    const wrong = new WrongTokens(() => 0)
    for (let n = 0; n < 10; n++) wrong.add(`2001:db8:0:7::${n}`)
    assert.ok(wrong.waitOf('2001:db8:0:7:1:2:3:4') > 0)
    assert.equal(wrong.waitOf('2001:db8:0:8::1'), 0)
    assert.equal(wrong.waitOf('2001:db8::1'), 0)
    for (let n = 0; n < 10; n++) wrong.add('::ffff:10.0.0.1')
    assert.ok(wrong.waitOf('10.0.0.1') > 0)
    assert.equal(wrong.waitOf('::ffff:10.0.0.2'), 0)
    assert.equal(wrong.waitOf('fe80::1%eth0'), 0)
  })

  it('is forgotten for who comes late, where very many are at it', () => {
    const wrong = new WrongTokens(() => 0)
    for (let n = 0; n < 10; n++) wrong.add('10.0.0.1')
    for (let n = 0; n < 999; n++) wrong.add(`10.1.${n >> 8}.${n & 255}`)
    assert.ok(wrong.waitOf('10.0.0.1') > 0)
    wrong.add('10.2.0.1')
    assert.equal(wrong.waitOf('10.0.0.1'), 0)
  })
})
