import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { launchChromium, PageInBrowser } from '../live/page-in-browser.ts'
import { chosenForAll } from './choice.ts'
import type { Flow } from './flow.ts'
import { supportCall } from './flows/beginnings.ts'
import { flowNamed } from './flows/index.ts'
import { Run } from './run.ts'

/** The newest of the servers that were chosen: what the page shows is not of the server. */
const entry = chosenForAll().at(-1)

const parkRetrieve = flowNamed('park_retrieve')

/** A call of a queue that is parked, fetched, held and ended, while somebody looks at the page. */
const watchedBy = (page: PageInBrowser): Flow => ({
  name: 'park_retrieve_watched',
  title:
    'a parked call is on the page with the code that fetches it, and then with who has fetched it, until it is over',
  play: async (stage) => {
    const colleague = await stage.phone('colleague')
    const { call } = await supportCall(stage)
    await page.until('#others tbody tr', 'support')
    const space = await stage.parkingSpace(() => call.transfer('700'))
    await page.until('#parked li', space)
    const [card = ''] = await page.texts('#parked li')
    // Of another lane, numbers and lots are called otherwise.
    assert.match(card, new RegExp(`^Dial ${space} Caller 555\\d+ Lot default(_\\d+)? For \\d:\\d\\d$`))
    const taken = await colleague.call(space)
    await page.until('#others tbody tr', 'pk-default')
    assert.deepEqual(await page.texts('#parked li'), [])
    await taken.hold()
    await page.until('#held tbody tr', 'pk-default')
    await taken.resume()
    await page.until('#others tbody tr', 'pk-default')
    await taken.hangUp()
    await page.until('#others .empty', 'No other call is open.')
    await page.until('#lines tbody tr:first-child', 'REMOVEMEMBER')
    assert.deepEqual(page.complaints, [])
  },
  lines: parkRetrieve.lines,
})

describe('the page of the open calls', { skip: entry === undefined || (process.env.FLOW ?? '') !== '' }, () => {
  test(`shows a real call of ${entry?.name} from its parking to its end`, async () => {
    assert.ok(entry)
    const browser = await launchChromium()
    const run = await Run.open(entry, 'page', { daemon: () => ({ more: ['--live', '127.0.0.1:0'] }) })
    try {
      const said = await run.daemon.says(/^the page of the open calls is at /)
      const page = await PageInBrowser.open(browser, said.replace(/.* /, ''))
      await page.until('#parked .empty', 'No call is parked.')
      await run.play(watchedBy(page))
    } finally {
      await run.close()
      await browser.close()
    }
  })
})
