import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { DevTools } from './devtools.ts'

export interface Viewport {
  /** In CSS pixels. */
  width: number
  height: number
  isDark?: boolean
}

/** A page of paper, as pdftoppm and pdftotext see it. */
export interface Paper {
  pdf: Buffer
  file: string
}

/** Debian's chromium, without a window. */
export class Browser {
  private readonly folder = mkdtempSync(join(tmpdir(), 'ami-track-browser-'))
  private readonly tools: DevTools
  private session: string | undefined

  constructor() {
    const own = ['--headless=new', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--no-first-run']
    this.tools = new DevTools([...own, `--user-data-dir=${join(this.folder, 'profile')}`, 'about:blank'])
  }

  /** Loads a page in a window of this size. */
  async open(html: string, { width, height, isDark = false }: Viewport): Promise<void> {
    const session = await this.page()
    const file = join(this.folder, 'page.html')
    writeFileSync(file, html)
    await this.tools.send(
      'Emulation.setDeviceMetricsOverride',
      { width, height, deviceScaleFactor: 1, mobile: false },
      session,
    )
    const features = [{ name: 'prefers-color-scheme', value: isDark ? 'dark' : 'light' }]
    await this.tools.send('Emulation.setEmulatedMedia', { features }, session)
    const loaded = this.tools.event('Page.loadEventFired', session)
    await this.tools.send('Page.navigate', { url: pathToFileURL(file).href }, session)
    await loaded
  }

  /**
   * What a script finds in the page. The page itself may run none; this one comes from outside.
   *
   * @param script an expression; a promise is waited for
   */
  async evaluate<T>(script: string): Promise<T> {
    const options = { expression: script, returnByValue: true, awaitPromise: true }
    const { result, exceptionDetails } = (await this.tools.send('Runtime.evaluate', options, await this.page())) as {
      result: { value: T }
      exceptionDetails?: { exception?: { description?: string } }
    }
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? 'the script failed')
    return result.value
  }

  /** The page as a PNG, as large as its window. */
  async picture(): Promise<Buffer> {
    const { data } = await this.tools.send('Page.captureScreenshot', { format: 'png' }, await this.page())
    return Buffer.from(String(data), 'base64')
  }

  /** The page as it is printed. */
  async print(): Promise<Paper> {
    const options = { preferCSSPageSize: true, printBackground: false }
    const { data } = await this.tools.send('Page.printToPDF', options, await this.page())
    const pdf = Buffer.from(String(data), 'base64')
    const file = join(this.folder, 'page.pdf')
    writeFileSync(file, pdf)
    return { pdf, file }
  }

  async close(): Promise<void> {
    await this.tools.close()
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  private async page(): Promise<string> {
    if (this.session !== undefined) return this.session
    const { targetId } = await this.tools.send('Target.createTarget', { url: 'about:blank' })
    const { sessionId } = await this.tools.send('Target.attachToTarget', { targetId, flatten: true })
    this.session = String(sessionId)
    await this.tools.send('Page.enable', {}, this.session)
    return this.session
  }
}

/** A printed page as a PNG. @param resolution in dots an inch */
export async function pictureOfPaper({ file }: Paper, page: number, resolution: number): Promise<Buffer> {
  const numbers = ['-f', String(page), '-l', String(page), '-r', String(resolution)]
  const out = `${file}-${page}`
  await promisify(execFile)('pdftoppm', ['-png', '-singlefile', ...numbers, file, out])
  return readFileSync(`${out}.png`)
}

export interface PrintedWord {
  text: string
  page: number
  /** In points. */
  left: number
  right: number
  top: number
  bottom: number
}

/** The words of a print and where they stand, and how large its pages are in points. */
export async function wordsOfPaper({
  file,
}: Paper): Promise<{ words: PrintedWord[]; width: number; height: number; pages: number }> {
  const { stdout } = await promisify(execFile)('pdftotext', ['-bbox', file, '-'], { maxBuffer: 64e6 })
  const pages = stdout.split('<page ').slice(1)
  const [, width = 0, height = 0] = /width="([\d.]+)" height="([\d.]+)"/.exec(pages[0] ?? '')?.map(Number) ?? []
  const words = pages.flatMap((page, n) =>
    [...page.matchAll(/<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)<\/word>/g)].map(
      ([, left, top, right, bottom, text = '']) => ({
        text,
        page: n + 1,
        left: Number(left),
        right: Number(right),
        top: Number(top),
        bottom: Number(bottom),
      }),
    ),
  )
  return { words, width, height, pages: pages.length }
}
