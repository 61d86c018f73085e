import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { after, describe, it } from 'node:test'
import { explainedCalls } from '../support/explained-calls.ts'
import { ALL_TRACKERS } from '../support/explaining.ts'
import { fixture, goldenOf } from '../support/fixtures.ts'
import { runPipe } from '../support/programs.ts'
import { Browser, wordsOfPaper } from './browser.ts'

const THREE = 'asterisk-22/park_retrieve'
const SEVEN = 'asterisk-22-holds/local_atxfer_return'
const TWELVE = 'asterisk-22-lab/local_declined_twice'

const SCREEN = { width: 1200, height: 900 }
const PHONE = { width: 360, height: 700 }

/** Whatever is drawn may be half a pixel off, and no more. */
const PIXEL = 0.6
/** In CSS pixels, as the ladder has it: where an event is in its row. */
const MIDDLE = 14

async function pageOf(name: string, change = (dump: string): string => dump, ...options: string[]): Promise<string> {
  const { amiFile, queueLogFile } = fixture(name)
  const command = ['ami-track', 'explain', '-', '--html', '-', '--queuelog', queueLogFile, ...ALL_TRACKERS, ...options]
  const { stdout, stderr } = await runPipe([command], { input: change(readFileSync(amiFile, 'utf8')) })
  assert.equal(stderr, '')
  return stdout
}

/** A dump in which many events have the same time. */
function inWholeSeconds(dump: string): string {
  return dump.replace(/^(Timestamp: \d+)\.\d+/gm, '$1.000000')
}

/** A vertical extent: of a bar, or of a life line, that is drawn row by row. */
interface Drawn {
  top: number
  bottom: number
  /** The heights of its pieces together: as much as its extent if there is no gap. */
  drawn: number
}

/** Where the first ladder of the page has its rows, its bars and its life lines. */
interface Geometry {
  rows: Record<string, number>
  bars: Record<string, Drawn>
  lives: Drawn[]
}

const GEOMETRY = `(() => {
  const ladder = document.querySelector('.ladder')
  const columns = ladder.querySelectorAll('thead th').length - 1
  const drawn = (pieces) => {
    const boxes = pieces.map((piece) => piece.getBoundingClientRect())
    return {
      top: Math.min(...boxes.map(({ top }) => top)),
      bottom: Math.max(...boxes.map(({ bottom }) => bottom)),
      drawn: boxes.reduce((sum, { height }) => sum + height, 0),
    }
  }
  const all = (selector) => [...ladder.querySelectorAll(selector)]
  const heads = all('thead th').slice(1).map((head) => head.getBoundingClientRect()).map(({ left, width }) => left + width / 2)
  const grouped = (pieces, keyOf) => {
    const groups = {}
    for (const piece of pieces) (groups[keyOf(piece)] ??= []).push(piece)
    return groups
  }
  const lives = grouped(all('line.up, line.ringing'), (line) =>
    heads.findIndex((x) => Math.abs(x - line.getBoundingClientRect().left) < 3))
  return {
    rows: Object.fromEntries(all('tbody').map((row) => [row.dataset.event, row.querySelector('svg').getBoundingClientRect().top])),
    bars: Object.fromEntries(Object.entries(grouped(all('rect[data-span]'), ({ dataset }) => dataset.span)).map(([span, pieces]) => [span, drawn(pieces)])),
    lives: Array.from({ length: columns }, (_, n) => drawn(lives[n] ?? [])),
  }
})()`

describe('the page of ami-track explain, in a real browser', () => {
  const browser = new Browser()
  after(() => browser.close())

  const texts = (selector: string): Promise<string[]> =>
    browser.evaluate(`[...document.querySelectorAll('${selector}')].map((one) => one.textContent)`)

  it('shows the ladder with every line of ours, and the same lines in the list', async () => {
    await browser.open(await pageOf(THREE), SCREEN)
    const lines = goldenOf(fixture(THREE)).trim().split('\n')
    const marked = lines.map((line) => `> ${line}`)
    assert.deepEqual(await texts('.ladder .note.line'), marked)
    assert.deepEqual(await texts('li.line'), marked)
    assert.ok((await browser.evaluate<number>(`document.querySelectorAll('.ladder polygon').length`)) >= 5)
  })

  it('says in its headings what each call was', async () => {
    await browser.open(await pageOf(THREE), SCREEN)
    assert.deepEqual(await texts('h2'), [
      '5551000 → support → PJSIP/1001 → default 701 → 1002, 1 hold, 0:09 1795373416.20',
      'Members of queues',
    ])
    const [heading = 0, id = 0] = await browser.evaluate<number[]>(
      `['h2', 'h2 small'].map((one) => parseFloat(getComputedStyle(document.querySelector(one)).fontSize))`,
    )
    assert.ok(id < heading * 0.8, `${id} of ${heading} px`)
  })

  for (const name of [THREE, SEVEN, TWELVE, 'asterisk-22-holds/caller_holds', 'asterisk-16-calls/out_attended_park']) {
    it(`begins and ends each bar and life line of ${name} at its own event, also of several of one time`, async () => {
      await browser.open(await pageOf(name, inWholeSeconds), { ...SCREEN, height: 4000 })
      const { rows, bars, lives } = await browser.evaluate<Geometry>(GEOMETRY)
      const dump = inWholeSeconds(readFileSync(fixture(name).amiFile, 'utf8'))
      const [call] = await explainedCalls([Buffer.from(dump)])
      assert.ok(call !== undefined && Object.keys(rows).length === call.events.length)
      let sharingTheirTime = 0
      const check = (
        what: string,
        drawn: Drawn | undefined,
        begin: number | undefined,
        end: number | undefined,
      ): void => {
        assert.ok(drawn !== undefined, what)
        if (begin !== undefined) assertNear(drawn.top, (rows[begin] ?? 0) + MIDDLE, `${what} begins`)
        if (end !== undefined) assertNear(drawn.bottom, (rows[end] ?? 0) + MIDDLE, `${what} ends`)
        assertNear(drawn.drawn, drawn.bottom - drawn.top, `${what} has no gap`)
        const times = [begin, end].map((number) => call.events.find((event) => event.number === number)?.at)
        for (const at of times) if (call.events.filter((event) => event.at === at).length > 1) sharingTheirTime++
      }
      for (const [n, { kind, begin, end }] of call.spans.entries())
        check(`${kind} ${n}`, bars[n], begin.number, end?.number)
      for (const [n, { name: channel, begin, end }] of call.channels.entries()) {
        check(channel, lives[n], begin?.number, end?.number)
      }
      assert.ok(sharingTheirTime > 10, `${sharingTheirTime} begin or end with another event of their time`)
    })
  }

  it('tells hold, music of a hold, waiting, lots and bridges apart by what they are filled with', async () => {
    const fills = new Map<string, Set<string>>()
    for (const name of [THREE, SEVEN]) {
      await browser.open(await pageOf(name), SCREEN)
      for (const [looks = '', fill = ''] of await browser.evaluate<string[][]>(
        `[...document.querySelectorAll('.ladder rect')].map((bar) => [bar.className.baseVal, getComputedStyle(bar).fill])`,
      )) {
        fills.set(looks, (fills.get(looks) ?? new Set()).add(fill))
      }
    }
    const kinds = ['hold', 'held', 'waiting', 'parking', 'bridge b0', 'bridge b1', 'bridge b2', 'bridge b3']
    assert.deepEqual([...fills.keys()].sort(), kinds.toSorted())
    assert.deepEqual(
      [...fills.values()].map(({ size }) => size),
      kinds.map(() => 1),
    )
    assert.equal(new Set([...fills.values()].flatMap((one) => [...one])).size, kinds.length)
    const patterns = await browser.evaluate<string[]>(
      `[...document.querySelectorAll('pattern')].map((one) => one.innerHTML.replace(/var[(]--[a-z0-9-]+[)]/g, ''))`,
    )
    const [hold, held, waiting, parking] = patterns
    assert.equal(new Set([hold, held, waiting, parking]).size, 4, 'without colour they are no less different')
  })

  it('shows one bridge of several channels alike, and another bridge otherwise', async () => {
    await browser.open(await pageOf(SEVEN), { ...SCREEN, height: 4000 })
    const [call] = await explainedCalls([readFileSync(fixture(SEVEN).amiFile)])
    const bridges = (call?.spans ?? []).map(({ kind, place }) => (kind === 'bridge' ? place : ''))
    const looks = await browser.evaluate<string[]>(
      `${JSON.stringify([...bridges.keys()])}.map((n) => document.querySelector('rect[data-span="' + n + '"]').className.baseVal)`,
    )
    const looksOf = new Map<string, Set<string>>()
    for (const [n, bridge] of bridges.entries()) {
      if (bridge !== '') looksOf.set(bridge, (looksOf.get(bridge) ?? new Set()).add(looks[n] ?? ''))
    }
    assert.equal(looksOf.size, 4)
    assert.deepEqual(
      [...looksOf.values()].map(({ size }) => size),
      [1, 1, 1, 1],
    )
    assert.equal(new Set([...looksOf.values()].flatMap((one) => [...one])).size, 4)
    const labels = await texts('.ladder .bridge-event .label')
    assert.ok(
      ['A', 'B', 'C', 'D'].every((letter) => labels.includes(`BridgeEnter ${letter}`)),
      labels.join(),
    )
  })

  for (const [name, width] of [
    [SEVEN, 700],
    [TWELVE, 700],
    [SEVEN, PHONE.width],
    [TWELVE, PHONE.width],
  ] as const) {
    it(`keeps lines, times and names of ${name} in sight at ${width} px, wherever the ladder is moved`, async () => {
      await browser.open(await pageOf(name), { width, height: 700 })
      const seen = await browser.evaluate<{
        moved: number
        down: number
        notes: number
        times: number
        heads: number
      }>(`(() => {
        const ladder = document.querySelector('.ladder')
        ladder.scrollLeft = 1e6
        ladder.scrollTop = 200
        const box = ladder.getBoundingClientRect()
        const outside = (selector) => [...ladder.querySelectorAll(selector)]
          .map((one) => one.getBoundingClientRect())
          .filter(({ left, right }) => left < box.left - 1 || right > box.right + 1).length
        const head = ladder.querySelector('thead th').getBoundingClientRect()
        return { moved: ladder.scrollLeft, down: ladder.scrollTop, notes: outside('.note'), times: outside('.at'), heads: Math.abs(head.top - box.top - 1) }
      })()`)
      assert.ok(seen.moved > 100 && seen.down === 200, JSON.stringify(seen))
      assert.deepEqual([seen.notes, seen.times], [0, 0])
      assert.ok(seen.heads <= 1, `the names are ${seen.heads} px off`)
    })
  }

  for (const name of [THREE, SEVEN, TWELVE]) {
    it(`lets no text of ${name} lie on another, and cuts none off`, async () => {
      await browser.open(await pageOf(name), { ...SCREEN, height: 4000 })
      const problems = await browser.evaluate<string[]>(`(() => {
        const problems = []
        const box = (one) => one.getBoundingClientRect()
        for (const ladder of document.querySelectorAll('.ladder')) {
          const heads = [...ladder.querySelectorAll('th')]
          for (const head of heads) if (head.scrollWidth > head.clientWidth + 1) problems.push('name ' + head.textContent)
          for (const picture of ladder.querySelectorAll('svg')) {
            const texts = [...picture.querySelectorAll('text')]
            for (const text of texts) {
              if (box(text).right > box(picture).right + 1 || box(text).left < box(picture).left - 1) problems.push('out of the ladder: ' + text.textContent)
              for (const other of texts) {
                if (other === text) continue
                const [a, b] = [box(text), box(other)]
                if (a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom) problems.push(text.textContent + ' on ' + other.textContent)
              }
            }
          }
          const lines = [...ladder.querySelectorAll('.note, tbody > tr:first-child svg')].map(box)
          lines.forEach(({ bottom }, n) => { if (n + 1 < lines.length && lines[n + 1].top < bottom - 1) problems.push('row ' + n) })
        }
        return problems
      })()`)
      assert.deepEqual(problems, [])
    })
  }

  it('has the whole names of channels and bridges below the ladder, where no finger has to hover', async () => {
    await browser.open(await pageOf(SEVEN), PHONE)
    const [call] = await explainedCalls([readFileSync(fixture(SEVEN).amiFile)])
    assert.deepEqual(
      await texts('.facts tbody tr td:nth-child(-n+2)'),
      call?.channels.flatMap(({ name, uniqueid }) => [name, uniqueid]),
    )
    const all = (await texts('section')).join()
    for (const { kind, place } of call?.spans ?? []) if (kind === 'bridge') assert.ok(all.includes(place), place)
    const [texted = '', linked = ''] = await browser.evaluate<string[]>(`(() => {
      const row = [...document.querySelectorAll('.ladder tbody')][5]
      return [row.querySelector('title').textContent, document.querySelector(row.querySelector('a').hash).textContent]
    })()`)
    assert.ok(linked.includes(texted) && texted !== '', 'each time leads to its event')
  })

  it('is no wider than a phone: only the ladder scrolls', async () => {
    for (const name of [THREE, TWELVE, 'asterisk-22-freepbx/fp_out_ringgroup']) {
      await browser.open(await pageOf(name), PHONE)
      const width = await browser.evaluate<number>('document.documentElement.scrollWidth')
      assert.ok(width <= PHONE.width, `${name}: ${width}`)
    }
  })

  for (const [name, count] of [
    [THREE, 3],
    [SEVEN, 7],
    [TWELVE, 12],
  ] as const) {
    it(`is printed on landscape pages, readable and whole, with ${count} channels`, async () => {
      const html = await pageOf(name)
      await browser.open(html, SCREEN)
      const { words, width, height, pages } = await wordsOfPaper(await browser.print())
      assert.ok(width > height && pages > 1, `${width} × ${height} pt, ${pages} pages`)
      const outside = words.filter(
        ({ left, right, top, bottom }) => left < 0 || right > width || top < 0 || bottom > height,
      )
      assert.deepEqual(outside, [])
      // The box of a word is as high as its font's lines: 1.16 times its size, of DejaVu.
      const smallest = Math.min(...words.map(({ top, bottom }) => (bottom - top) / 1.164))
      assert.ok(smallest >= 7, `${smallest} pt`)
      const rows = await browser.evaluate<number>(`document.querySelectorAll('.ladder tbody').length`)
      const labels = words.filter(({ text }) =>
        /^(Newchannel|Newstate|DialBegin|DialEnd|Hangup|BridgeEnter|BridgeLeave|MusicOnHoldSt)/.test(text),
      )
      const ladderPages = new Set(labels.map(({ page }) => page))
      const heads = words.filter(({ text }) => text === 's').map(({ page }) => page)
      assert.ok(rows < 30 || ladderPages.size > 1)
      for (const page of ladderPages) assert.ok(heads.includes(page), `page ${page} has no names of channels`)
    })
  }

  it('has an index of several calls, also of those without a ladder', async () => {
    const endless = await pageOf('asterisk-22/queue_hold', (dump) => {
      const [hold = ''] = /Event: Hold\r\n[\s\S]*?\r\n\r\n/.exec(dump) ?? []
      return dump.replace(hold, hold.repeat(601))
    })
    await browser.open(endless, SCREEN)
    assert.equal(await browser.evaluate(`document.querySelectorAll('.ladder').length`), 0)
    const links = await browser.evaluate<string[][]>(
      `[...document.querySelectorAll('nav a')].map((link) => [link.textContent, document.querySelector(link.hash + ' h2').firstChild.data.trim()])`,
    )
    assert.equal(links.length, 2)
    for (const [link, heading] of links) assert.equal(link, heading)
    const [index = 0, section = 0] = await browser.evaluate<number[]>(
      `['nav', 'section'].map((one) => document.querySelector(one).getBoundingClientRect().top)`,
    )
    assert.ok(index < section)
  })

  it('lets no name be an element, an attribute or a script, nor push anything out of its place', async () => {
    const hostile = `</title></text></svg><img src=x onerror="document.title=1"><script>document.title='2'</script>"'><a href=x>`
    const page = await pageOf('asterisk-22/queue_hold', (dump) =>
      dump
        .replaceAll('Agent 1001', hostile)
        .replaceAll('5551000', hostile)
        .replaceAll('PJSIP/anonymous', `PJSIP/${hostile.replaceAll('/', '')}${'W'.repeat(400)}`),
    )
    await browser.open(page, SCREEN)
    const counts = await browser.evaluate<number[]>(
      `['script', 'img, image, iframe, object, foreignObject', 'a[href="x"]'].map((one) => document.querySelectorAll(one).length)`,
    )
    assert.deepEqual([await browser.evaluate('document.title'), ...counts], ['ami-track explain', 0, 0, 0])
    assert.equal((await texts('.ladder .note.line')).length, 4)
    assert.ok((await texts('h2')).some((heading) => heading.includes('<img src=x onerror=')))
    assert.ok((await browser.evaluate<number>('document.documentElement.scrollWidth')) <= SCREEN.width)
    const { rows, bars } = await browser.evaluate<Geometry>(GEOMETRY)
    const [call] = await explainedCalls([readFileSync(fixture('asterisk-22/queue_hold').amiFile)])
    for (const [n, { begin }] of (call?.spans ?? []).entries()) {
      assertNear(bars[n]?.top ?? 0, (rows[begin.number] ?? 0) + MIDDLE, `bar ${n}`)
    }
  })

  for (const [what, name, viewport] of [
    ['3 channels', THREE, SCREEN],
    ['7 channels', SEVEN, SCREEN],
    ['12 channels', TWELVE, SCREEN],
    ['a phone', TWELVE, PHONE],
    ['the night', THREE, { ...SCREEN, isDark: true }],
  ] as const) {
    it(`has nothing that axe-core calls serious, with ${what}`, async () => {
      await browser.open(await pageOf(name), viewport)
      await browser.evaluate(`${readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')};0`)
      const { violations, passes } = await browser.evaluate<{
        violations: string[]
        passes: number
      }>(`axe.run().then((found) => ({
        violations: found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .map(({ id, nodes }) => id + ': ' + nodes.slice(0, 3).map(({ html }) => html.slice(0, 200)).join(' ')),
        passes: found.passes.length,
      }))`)
      assert.deepEqual(violations, [])
      assert.ok(passes > 10)
    })
  }
})

function assertNear(found: number, expected: number, what: string): void {
  assert.ok(Math.abs(found - expected) <= PIXEL, `${what}: ${found}, not ${expected}`)
}
