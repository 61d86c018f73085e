import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ALL_TRACKERS } from '../support/explaining.ts'
import { fixture } from '../support/fixtures.ts'
import { root } from '../support/package.ts'
import { runPipe } from '../support/programs.ts'
import { Browser } from './browser.ts'

const MAX_BYTES = 150_000

const pictures = [
  { name: 'asterisk-22/queue_hold', width: 960, height: 900 },
  { name: 'asterisk-22/park_retrieve', width: 1100, height: 960 },
  { name: 'asterisk-22/out_answered_callee_hangs_hold', width: 960, height: 740 },
]

/** Writes the pictures in docs/ anew: what a browser makes of the pages of three recordings. */
const folder = mkdtempSync(join(tmpdir(), 'ami-track-pictures-'))
const browser = new Browser()
try {
  for (const { name, width, height } of pictures) {
    const { amiFile, queueLogFile } = fixture(name)
    const page = join(folder, 'page.html')
    const file = join(root, 'docs', `explain-${name.replace(/.*\//, '')}.png`)
    await runPipe([['ami-track', 'explain', amiFile, '--html', page, '--queuelog', queueLogFile, ...ALL_TRACKERS]])
    await browser.picture(page, file, width, height)
    const { size } = statSync(file)
    if (size > MAX_BYTES) throw new Error(`${file} has ${size} bytes`)
  }
} finally {
  browser.close()
  rmSync(folder, { recursive: true })
}
