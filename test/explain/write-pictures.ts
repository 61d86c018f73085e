import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ALL_TRACKERS } from '../support/explaining.ts'
import { fixture } from '../support/fixtures.ts'
import { root } from '../support/package.ts'
import { runPipe } from '../support/programs.ts'
import { Browser, pictureOfPaper } from './browser.ts'

const MAX_BYTES = 200_000
const WIDTH = 1060
/** What goes on below is more of the same. */
const MAX_HEIGHT = 1250
const PAPER_DPI = 96
const PHONE = { width: 390, height: 700 }

/** A call of three channels, of seven, and of twelve. */
const pictures = [
  { name: 'asterisk-22/park_retrieve', file: '3-channels' },
  { name: 'asterisk-22-holds/local_atxfer_return', file: '7-channels' },
  { name: 'asterisk-22-lab/local_declined_twice', file: '12-channels' },
]

function keep(name: string, png: Buffer): void {
  if (png.length > MAX_BYTES) throw new Error(`${name} has ${png.length} bytes`)
  writeFileSync(join(folder, name), png)
}

/** Writes the pictures in docs/ anew: what a browser makes of the pages of recordings, on a screen and on paper. */
const folder = process.env.PICTURES ?? join(root, 'docs')
mkdirSync(folder, { recursive: true })
const browser = new Browser()
let html = ''
try {
  for (const { name, file } of pictures) {
    const { amiFile, queueLogFile } = fixture(name)
    const command = ['ami-track', 'explain', '-', '--html', '-', '--queuelog', queueLogFile, ...ALL_TRACKERS]
    html = (await runPipe([command], { input: readFileSync(amiFile) })).stdout
    await browser.open(html, { width: WIDTH, height: 3000 })
    // As far as the ladder of the first call goes.
    const height = await browser.evaluate<number>(
      `Math.ceil(document.querySelector('.ladder').getBoundingClientRect().bottom) + 12`,
    )
    await browser.open(html, { width: WIDTH, height: Math.min(height, MAX_HEIGHT) })
    keep(`explain-${file}.png`, await browser.picture())
    keep(`explain-${file}-print.png`, await pictureOfPaper(await browser.print(), 1, PAPER_DPI))
  }
  // Of the last one, on a phone that has moved it sideways.
  await browser.open(html, PHONE)
  await browser.evaluate(`{
    const ladder = document.querySelector('.ladder')
    ladder.scrollIntoView()
    ladder.scrollTo(420, 900)
  }`)
  keep('explain-phone.png', await browser.picture())
} finally {
  await browser.close()
}
