import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { ALL_TRACKERS } from '../support/explaining.ts'
import { fixture, goldenOf } from '../support/fixtures.ts'
import { runPipe } from '../support/programs.ts'
import { Browser } from './browser.ts'

async function pageOf(name: string, change = (dump: string): string => dump): Promise<string> {
  const { amiFile, queueLogFile } = fixture(name)
  const command = ['ami-track', 'explain', '-', '--html', '-', '--queuelog', queueLogFile, ...ALL_TRACKERS]
  const { stdout, stderr } = await runPipe([command], { input: change(readFileSync(amiFile, 'utf8')) })
  assert.equal(stderr, '')
  return stdout
}

describe('the page of ami-track explain, in a real browser', () => {
  const browser = new Browser()
  after(() => browser.close())

  it('shows the ladder with every line of ours, and the same lines in the list', async () => {
    const facts = await browser.look(await pageOf('asterisk-22/park_retrieve'), 1200)
    const lines = goldenOf(fixture('asterisk-22/park_retrieve')).trim().split('\n')
    assert.deepEqual(facts.ladderLines, lines)
    assert.deepEqual(facts.listLines, lines)
    assert.ok(facts.arrows >= 5 && facts.bars >= 6, JSON.stringify(facts))
    assert.equal(facts.headings[0], 'Call 1795373416.20')
  })

  it('is no wider than a phone: only the ladder scrolls', async () => {
    const { scrollWidth, innerWidth } = await browser.look(await pageOf('asterisk-22-freepbx/fp_out_ringgroup'), 360)
    assert.equal(innerWidth, 360)
    assert.ok(scrollWidth <= innerWidth, `${scrollWidth} > ${innerWidth}`)
  })

  it('can be printed', async () => {
    const pdf = await browser.print(await pageOf('asterisk-22/queue_hold'))
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-')
    assert.ok(pdf.length > 5000)
  })

  it('lets no name be an element, an attribute or a script', async () => {
    const hostile = `</title></text></svg><img src=x onerror="document.title=1"><script>document.title='2'</script>"'><a href=x>`
    const page = await pageOf('asterisk-22/queue_hold', (dump) =>
      dump.replaceAll('Agent 1001', hostile).replaceAll('PJSIP/anonymous', `PJSIP/${hostile.replaceAll('/', '')}`),
    )
    const facts = await browser.look(page, 1200)
    assert.deepEqual([facts.title, facts.scripts, facts.images], ['ami-track explain', 0, 0])
    assert.equal(facts.ladderLines.length, 4)
  })
})
