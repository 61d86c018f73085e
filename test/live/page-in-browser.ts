import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'

/** What axe-core finds in a page. */
interface AxeFinding {
  id: string
  impact: string
  nodes: { target: string[]; failureSummary: string }[]
}

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** A page that does not get there so soon, in ms, is wrong: no test waits for less than it needs. */
const PATIENCE_MS = 30_000

/** Debian's chromium, without a window. */
export async function launchChromium(): Promise<Browser> {
  const executablePath = execFileSync('sh', ['-c', 'command -v chromium'], { encoding: 'utf8' }).trim()
  return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
}

/** The page of a daemon in a window of its own, and what a test asks of it. */
export class PageInBrowser {
  readonly page: Page
  /** What the browser had to complain about: also what the page's own policy has forbidden. */
  readonly complaints: string[] = []

  private constructor(page: Page) {
    this.page = page
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(message.text())
    })
    page.on('pageerror', (error) => this.complaints.push(String(error)))
    page.on('dialog', (dialog) => {
      this.complaints.push(`a dialog: ${dialog.message()}`)
      void dialog.dismiss()
    })
  }

  static async open(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<PageInBrowser> {
    const context = await browser.newContext(options)
    context.setDefaultTimeout(PATIENCE_MS)
    const page = new PageInBrowser(await context.newPage())
    await page.page.goto(url)
    return page
  }

  /** The texts of all that a selector finds and that can be seen, each in one line. */
  async texts(selector: string): Promise<string[]> {
    const all = await this.page.locator(selector).all()
    const seen = await Promise.all(all.map(async (one) => ((await one.isVisible()) ? [await one.innerText()] : [])))
    return seen.flat().map((text) => text.replace(/\s+/g, ' ').trim())
  }

  /** Waits until something can be seen that has this in it. */
  async until(selector: string, text: string | RegExp): Promise<void> {
    await this.page.locator(selector).filter({ hasText: text, visible: true }).first().waitFor()
  }

  /** Waits until nothing can be seen any more that a selector finds. */
  async untilGone(selector: string): Promise<void> {
    await this.page.locator(selector).filter({ visible: true }).first().waitFor({ state: 'hidden' })
  }

  /** Waits until the text of something is another one. */
  async untilOther(selector: string, text: string): Promise<string> {
    const deadline = Date.now() + PATIENCE_MS
    for (;;) {
      const now = (await this.page.locator(selector).first().textContent()) ?? ''
      if (now !== text) return now
      if (Date.now() > deadline) throw new Error(`${selector} stays ${JSON.stringify(text)}`)
    }
  }

  /** How much wider the page is than its window: CSS pixels. */
  async overhang(): Promise<number> {
    return await this.page.evaluate<number>(
      'Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - document.documentElement.clientWidth',
    )
  }

  /** What axe-core finds that is serious: a line each. */
  async seriousFindings(): Promise<string[]> {
    await this.page.evaluate(`${axe};0`)
    const findings = await this.page.evaluate<AxeFinding[]>('axe.run().then(({ violations }) => violations)')
    return findings
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`))
  }

  async close(): Promise<void> {
    await this.page.context().close()
  }
}
