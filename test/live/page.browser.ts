import { strict as assert } from 'node:assert'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, afterEach, before, describe, it } from 'node:test'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import { folderOfEachTest } from '../support/each-test.ts'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { freePort } from '../support/free-port.ts'
import { heldCall } from '../support/held-call.ts'
import { LiveProgram } from '../support/live-program.ts'
import { LiveScene, RecordedCall } from './live-scene.ts'
import { launchChromium, PageInBrowser } from './page-in-browser.ts'

let browser: Browser
before(async () => {
  browser = await launchChromium()
})
after(() => browser.close())

const file = folderOfEachTest('page')
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

async function scene(...options: string[]): Promise<LiveScene> {
  const begun = await LiveScene.begin(...options)
  ends.push(() => begun.end())
  return begun
}

async function open(url: string, options: BrowserContextOptions = {}): Promise<PageInBrowser> {
  const page = await PageInBrowser.open(browser, url, options)
  ends.push(() => page.close())
  return page
}

const parkRetrieve = (change?: (dump: string) => string): RecordedCall =>
  new RecordedCall('asterisk-22/park_retrieve', change)

describe('the page of the open calls', () => {
  it('shows a call while it is parked, fetched, on hold and over, and its lines', async () => {
    const { server, url } = await scene()
    const page = await open(url)
    await page.until('#parked .empty', 'No call is parked.')
    assert.deepEqual(await page.texts('#calls .empty'), [
      'No call is parked.',
      'No call is on hold.',
      'No other call is open.',
      'No line was written yet.',
    ])
    const call = parkRetrieve()
    await call.playUntil(server, 'UnParkedCall')
    await page.until('#parked li', '701')
    const [card = ''] = await page.texts('#parked li')
    assert.match(card, /^Dial 701 Caller 5551000 Lot default For \d:\d\d$/)
    await page.until('#news', 'Parked at 701: 5551000.')
    assert.equal(await page.page.title(), '(1) ami-track')
    const size = (selector: string): Promise<number> =>
      page.page.evaluate(`parseFloat(getComputedStyle(document.querySelector(${JSON.stringify(selector)})).fontSize)`)
    const code = await size('#parked .space bdi')
    for (const other of ['h1', 'h2', '#parked .number bdi', '#parked .since bdi', '#lines td']) {
      assert.ok(code > 2 * (await size(other)), `${other} is nearly as large as the code`)
    }

    await call.playUntil(server, 'Hold')
    await page.until('#others tbody tr', 'PJSIP/1002')
    assert.match(String(await page.texts('#others tbody tr')), /^5551000 PJSIP\/1002 pk-default connected \d:\d\d$/)
    await page.until('#news', 'The call at 701 was picked up.')
    assert.deepEqual(await page.texts('#parked li'), [])

    await call.playUntil(server, 'Unhold')
    await page.until('#held tbody tr', 'PJSIP/1002')
    assert.match(String(await page.texts('#held tbody tr')), /^5551000 PJSIP\/1002 pk-default \d:\d\d$/)

    await call.playUntil(server)
    await page.until('#held .empty', 'No call is on hold.')
    await page.until('#others .empty', 'No other call is open.')
    await page.until('#lines tbody tr:first-child', 'REMOVEMEMBER')
    const verbs = await page.texts('#lines td.verb')
    assert.deepEqual(verbs.reverse(), [
      'ENTERQUEUE',
      'ADDMEMBER',
      'CONNECT',
      'CALLERONHOLD',
      'CALLEROFFHOLD',
      'COMPLETEAGENT',
      'REMOVEMEMBER',
    ])
    assert.deepEqual(page.complaints, [])
  })

  it('says since when a daemon does not answer, shows that calls are of before, and goes on when it is back', async () => {
    const playing = await scene('--state', file('state'))
    const { server, url } = playing
    const page = await open(url)
    const call = parkRetrieve()
    await call.playUntil(server, 'ParkedCall')
    // Who fetches it comes when the daemon is back.
    await call.playUntil(server, 'Newchannel')
    await page.until('#parked li', '701')
    assert.deepEqual(await page.texts('#trouble'), [])
    await playing.kill()
    await page.until(
      '#trouble',
      /^The daemon has not answered since \d\d:\d\d:\d\d\. Trying again\. The page shows the calls of that time\.$/,
    )
    assert.equal(await page.page.locator('body.is-stale').count(), 1)
    const border = await page.page.evaluate('getComputedStyle(document.querySelector("#parked li")).borderTopStyle')
    assert.equal(border, 'dashed')
    assert.deepEqual(await page.seriousFindings(), [])
    const parked = { name: 'PJSIP/anonymous-00000010', uniqueid: '1795373416.20' }
    server.pbx.channels.push(parked)
    server.pbx.parked.push({ ...parked, space: '701' })
    await playing.startAgain()
    await page.untilGone('#trouble')
    await page.until('#parked li', '701')
    assert.equal(await page.page.locator('body.is-stale').count(), 0)
    await call.playUntil(server, 'Hold')
    await page.until('#others tbody tr', 'PJSIP/1002')
    // Each line once, those of before and those since.
    assert.deepEqual((await page.texts('#lines td.verb')).reverse(), ['ENTERQUEUE', 'ADDMEMBER', 'CONNECT'])
  })

  it('takes a connection on which nothing comes for a dead one', async () => {
    const { daemon, url } = await scene()
    const page = await open('about:blank')
    await page.page.clock.install()
    await page.page.goto(url)
    await page.until('#parked .empty', 'No call is parked.')
    daemon.signal('SIGSTOP')
    await page.page.clock.fastForward(60_000)
    await page.until('#trouble', 'The daemon has not answered since')
    daemon.signal('SIGCONT')
    await page.untilGone('#trouble')
  })

  it('lets no name of a caller be more than a text', async () => {
    const { server, url } = await scene()
    const page = await open(url, { viewport: { width: 320, height: 700 } })
    const hostile = [
      `<img src=x onerror="document.title='1'">`,
      `"'><script>alert(1)</script>&lt;b&gt;`,
      `\u202e\u2067evil\u0007 \u200f`,
      `${'W'.repeat(500)}`,
    ]
    const bytes = (text: string): string => Buffer.from(text).toString('latin1')
    for (const [n, name] of hostile.entries()) {
      const change = (dump: string): string =>
        dump
          .replaceAll('5551000', bytes(name))
          .replaceAll('ParkingSpace: 701', `ParkingSpace: ${n === 0 ? bytes(name) : `70${n}`}`)
          .replace(/-000000(1\d)/g, `-00000${n}$1`)
          .replace(/(\d{10})\.(\d+)/g, `$1.${n}0$2`)
      const call = parkRetrieve(change)
      await call.playUntil(server, 'UnParkedCall')
      await page.page.locator('#parked li').nth(n).waitFor()
    }
    const shown = await page.page.locator('#parked .number bdi').allTextContents()
    assert.deepEqual([...shown].sort(), hostile.map((name) => name.replace(/[\p{Cc}\p{Cf}]/gu, '\ufffd')).sort())
    assert.equal(await page.page.title(), '(4) ami-track')
    assert.equal(await page.page.locator('#calls :is(img, script, b, a, style, iframe)').count(), 0)
    assert.deepEqual(page.complaints, [])
    for (const view of ['', '?view=wall']) {
      for (const width of [320, 3840]) {
        await page.page.setViewportSize({ width, height: width === 320 ? 700 : 2160 })
        await page.page.goto(url + view)
        await page.until('#parked li', 'WWWW')
        assert.ok((await page.overhang()) <= 0, `${view} at ${width} is ${await page.overhang()} too wide`)
      }
    }
    // Letters that run the other way turn nothing round outside their place.
    const isolated = await page.page.evaluate(
      'getComputedStyle(document.querySelector("#parked .number bdi")).unicodeBidi',
    )
    assert.equal(isolated, 'isolate')
  })

  it('is read aloud when a call is parked, and not each second', async () => {
    const { server, url } = await scene()
    const page = await open(url)
    await page.until('#parked .empty', 'No call is parked.')
    await parkRetrieve().playUntil(server, 'UnParkedCall')
    await page.until('#news', 'Parked at 701')
    await page.page.evaluate(`
      window.readAloud = 0
      for (const place of document.querySelectorAll('[role=status], [role=alert], [aria-live]')) {
        new MutationObserver(() => window.readAloud++).observe(place, { childList: true, characterData: true, subtree: true })
      }
      0`)
    let clock = await page.untilOther('#parked .since bdi', '')
    for (let n = 0; n < 3; n++) clock = await page.untilOther('#parked .since bdi', clock)
    assert.equal(await page.page.evaluate('window.readAloud'), 0)
  })

  it('can be used by the keyboard, and shows where one is', async () => {
    const { url } = await scene()
    const page = await open(url)
    await page.until('#parked .empty', 'No call is parked.')
    await page.page.keyboard.press('Tab')
    const focused = (what: string): Promise<string> => page.page.evaluate(`document.activeElement.${what}`)
    assert.equal(await focused('textContent'), 'Wall')
    const outline = await page.page.evaluate('parseFloat(getComputedStyle(document.activeElement).outlineWidth)')
    assert.ok(Number(outline) >= 2)
    await page.page.keyboard.press('Enter')
    await page.until('#other-view', 'All calls')
    assert.match(page.page.url(), /\/\?view=wall$/)
    assert.deepEqual(await page.texts('main h2'), ['Parked calls'])
  })

  it('moves nothing for who does not want that', async () => {
    const { server, url } = await scene()
    const page = await open(url, { reducedMotion: 'reduce' })
    await parkRetrieve().playUntil(server, 'UnParkedCall')
    await page.until('#parked li', '701')
    assert.equal(await page.page.evaluate('document.getAnimations().length'), 0)
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has nothing that axe-core calls serious, where it is ${colorScheme}`, async () => {
      const { server, url } = await scene()
      const held = new RecordedCall('asterisk-22/queue_hold')
      await held.playUntil(server, 'Unhold')
      await new RecordedCall('asterisk-22/park_giveup').playUntil(server, 'ParkedCallGiveUp')
      for (const [view, width] of [
        ['', 1280],
        ['', 320],
        ['?view=wall', 1920],
      ] as const) {
        const page = await open(url + view, { colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' })
        await page.until('#parked li', '703')
        assert.deepEqual(await page.seriousFindings(), [], `${view} ${width}`)
        await page.close()
      }
      const page = await open(url, { colorScheme })
      await server.stop()
      await page.until('#trouble', 'There is no connection to Asterisk')
      assert.deepEqual(await page.seriousFindings(), [])
    })
  }
})

describe('the page of the open calls, behind a token', () => {
  const token = 'k3P0-wm2Q-77aZ-xx19'

  it('asks for it once, keeps it from scripts and addresses, and knows the browser again', async () => {
    writeFileSync(file('token'), `${token}\n`, { mode: 0o600 })
    const playing = await scene('--live-token-file', file('token'))
    const { server, url } = playing
    const page = await open(url, { colorScheme: 'dark' })
    await page.until('#login', 'Token')
    assert.deepEqual(await page.seriousFindings(), [])
    assert.deepEqual(await page.texts('#calls'), [])
    const type = async (text: string): Promise<void> => {
      await page.page.getByLabel('Token').fill(text)
      await page.page.keyboard.press('Enter')
    }
    await type('a wrong one of the kind')
    await page.until('#login', 'The token is wrong.')
    await type(token)
    await page.until('#parked .empty', 'No call is parked.')
    await page.untilGone('#login')
    assert.equal(page.page.url(), url)
    assert.equal(await page.page.evaluate('document.cookie'), '')
    const [cookie] = await page.page.context().cookies()
    assert.deepEqual([cookie?.httpOnly, cookie?.sameSite, cookie?.value.includes(token)], [true, 'Strict', false])
    await page.page.reload()
    await parkRetrieve().playUntil(server, 'UnParkedCall')
    await page.until('#parked li', '701')
    await playing.kill()
    await page.until('#trouble', 'The daemon has not answered since')
    await playing.startAgain()
    await page.untilGone('#trouble')
    assert.deepEqual(await page.texts('#login'), [])
    assert.doesNotMatch(playing.daemon.stderr, new RegExp(token))
  })

  it('takes it from the address of a screen on a wall, and from there it goes', async () => {
    writeFileSync(file('token'), `${token}\n`, { mode: 0o600 })
    const { url } = await scene('--live-token-file', file('token'))
    const page = await open(`${url}?view=wall#token=${token}`)
    await page.until('#parked .empty', 'No call is parked.')
    assert.equal(page.page.url(), `${url}?view=wall`)
    await page.page.goto(`${url}?view=wall`)
    await page.until('#parked .empty', 'No call is parked.')
    assert.deepEqual(page.complaints, [])
  })
})

describe('the page of the open calls of many PBXs', () => {
  it('shows one or all, by the address, and names the one that is in trouble', async () => {
    const servers = { north: await FakeAsterisk.start(), south: await FakeAsterisk.start() }
    const port = await freePort()
    mkdirSync(file('pbx'))
    for (const [name, server] of Object.entries(servers)) {
      const settings = `AMIPORT=${server.port}\nAMIUSER=tracker\nAMISECRET=tr4ck\nENABLEPARK=1\n`
      writeFileSync(join(file('pbx'), `${name}.conf`), settings)
    }
    const daemon = LiveProgram.startAlone(['ami-track', '--settings', file('pbx'), '--live', String(port)])
    ends.push(
      () => Promise.all(Object.values(servers).map((server) => server.stop())),
      () => daemon.signal('SIGKILL'),
    )
    const { north, south } = servers
    await Promise.all([north.session(), south.session()])
    await new RecordedCall('asterisk-22/park_giveup').playUntil(north, 'ParkedCallGiveUp')
    south.send(heldCall(3))
    const page = await open(`http://127.0.0.1:${port}/`)
    await page.until('#parked li', '703')
    await page.until('#parked li', 'PBX north')
    await page.until('#held tbody tr', 'south')
    await page.page.getByLabel('PBX').selectOption('south')
    await page.until('#parked .empty', 'No call is parked.')
    assert.match(page.page.url(), /\?pbx=south$/)
    assert.match(String(await page.texts('#held tbody tr')), /^unknown Jane queue-3 \d:\d\d$/)
    await page.page.getByLabel('PBX').selectOption('All')
    await page.until('#parked li', '703')
    await south.stop()
    await page.until('#trouble', /^south: There is no connection to Asterisk/)
    await page.page.goto(`http://127.0.0.1:${port}/?pbx=west`)
    await page.until('#trouble', 'No PBX has this name.')
  })
})
