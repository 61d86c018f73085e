import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { HtmlView } from '../../lib/explain/html-view.ts'
import { explainedBy } from '../support/explained-calls.ts'
import { allFixtures, fixture } from '../support/fixtures.ts'

function dumpOf(folder: string, count: number): Buffer[] {
  const recordings = allFixtures().filter(({ name }) => name.startsWith(`${folder}/`))
  return recordings.slice(0, count).map(({ amiFile }) => readFileSync(amiFile))
}

function found(page: string, pattern: RegExp): string[] {
  return [...page.matchAll(pattern)].map(([, text = '']) => text)
}

describe('the index of a page', () => {
  it('stands above the calls and leads to each', async () => {
    const page = await explainedBy(new HtmlView(), dumpOf('asterisk-22', 6))
    const links = found(page, /<a href="#(call-\d+)">/g)
    assert.ok(links.length >= 6)
    assert.deepEqual(links, found(page, /<section id="([^"]*)">/g))
    assert.ok(page.lastIndexOf('</nav>') < page.indexOf('<section'))
  })

  it('comes in parts where the calls are too long to be held, and still leads to each', async () => {
    const page = await explainedBy(new HtmlView(20_000), dumpOf('asterisk-22', 6))
    const links = found(page, /<a href="#(call-\d+)">/g)
    assert.deepEqual(links, found(page, /<section id="([^"]*)">/g))
    assert.ok(found(page, /(<nav)/g).length > 1)
  })

  it('is missing where there is one call', async () => {
    const page = await explainedBy(new HtmlView(), [readFileSync(fixture('asterisk-22/out_service_echo').amiFile)])
    assert.equal(found(page, /<section id="([^"]*)">/g).length, 1)
    assert.doesNotMatch(page, /<nav/)
  })

  it('is all there is of many calls, none of which was asked for', async () => {
    const page = await explainedBy(new HtmlView(), dumpOf('asterisk-22-calls', 99))
    assert.doesNotMatch(page, /<section|<a href/)
    const rows = found(page, /<tr><td>(.*?)<\/td>/g)
    assert.ok(rows.length > 12)
    assert.ok(rows.includes('1001 → 95550001 → trunk → 1002, 1 hold, 0:05'), rows.join('\n'))
    assert.match(page, new RegExp(`</table></nav>\n<p>${rows.length} calls: use --call, --queue or --number`))
  })
})
