import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContextOptions } from 'playwright-core'
import { root } from '../support/package.ts'
import { LiveScene, RecordedCall } from './live-scene.ts'
import { launchChromium, PageInBrowser } from './page-in-browser.ts'

const MAX_BYTES = 150_000

/** The calls in the pictures: each is played up to an event, as if it had been so many seconds ago. In some, callers have other numbers. */
const calls: readonly { name: string; until: readonly string[]; ago: number; number?: string }[] = [
  { name: 'asterisk-22-calls/out_repark_other_lot', until: ['UnParkedCall', 'ParkedCallGiveUp'], ago: 124 },
  { name: 'asterisk-22/park_giveup', until: ['ParkedCallGiveUp'], ago: 88, number: '4930120777' },
  { name: 'asterisk-22/queue_hold', until: ['Unhold'], ago: 67, number: '5552718' },
  { name: 'asterisk-22/out_answered_callee_hangs_hold', until: ['Unhold'], ago: 51 },
  { name: 'asterisk-22/out_answered_agent_hangs', until: ['HangupRequest'], ago: 37 },
  { name: 'asterisk-22/park_retrieve', until: ['UnParkedCall'], ago: 19 },
  { name: 'asterisk-22/out_noanswer_agent_cancels', until: ['HangupRequest'], ago: 4 },
]

const pictures: readonly { name: string; view?: string; options: BrowserContextOptions }[] = [
  { name: 'desktop', options: { viewport: { width: 1200, height: 840 } } },
  { name: 'dark', options: { viewport: { width: 1200, height: 840 }, colorScheme: 'dark' } },
  { name: 'phone', options: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5 } },
  // Of a screen of 3840 × 2160, drawn smaller.
  { name: 'wall', view: '?view=wall', options: { viewport: { width: 3840, height: 2160 }, deviceScaleFactor: 0.4 } },
]

/** Writes the pictures of the page of the open calls in docs/ anew: what a browser shows of a daemon that follows recorded calls. */
const scene = await LiveScene.begin()
const browser = await launchChromium()
try {
  for (const { name, until, ago, number } of calls) {
    // The whole server lives in the past, or its sign of life would go ahead of the call.
    scene.server.clock = () => Date.now() - ago * 1000
    const call = new RecordedCall(name, (dump) => (number === undefined ? dump : dump.replaceAll('5551000', number)))
    for (const event of until) await call.playUntil(scene.server, event, ago * 1000)
  }
  for (const { name, view = '', options } of pictures) {
    const page = await PageInBrowser.open(browser, scene.url + view, { ...options, reducedMotion: 'reduce' })
    await page.until('#parked li', '701')
    const picture = await page.page.screenshot()
    if (picture.length > MAX_BYTES) throw new Error(`live-${name}.png has ${picture.length} bytes`)
    writeFileSync(join(root, 'docs', `live-${name}.png`), picture)
    await page.close()
  }
} finally {
  await browser.close()
  await scene.end()
}
