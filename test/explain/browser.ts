import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'

/** What a browser finds in a page. */
export interface PageFacts {
  /** How wide the page and its window are, in CSS pixels. */
  scrollWidth: number
  innerWidth: number
  scripts: number
  images: number
  arrows: number
  bars: number
  /** The texts of the lines of ours in the ladder, and of all in the list. */
  ladderLines: string[]
  listLines: string[]
  headings: string[]
  title: string
  textColour: string
}

const MEASURE = `
  const { document: page, innerWidth } = frames[0]
  const all = (selector) => [...page.querySelectorAll(selector)]
  const facts = {
    scrollWidth: page.documentElement.scrollWidth, innerWidth,
    scripts: all('script').length, images: all('img, image, iframe, object, a, foreignObject').length,
    arrows: all('svg polygon').length, bars: all('svg rect').length,
    ladderLines: all('svg .note.line title').map((one) => one.textContent),
    listLines: all('li.line').map((one) => one.textContent.slice(2)),
    headings: all('h2').map((one) => one.textContent), title: page.title,
    textColour: frames[0].getComputedStyle(page.body).color,
  }
  document.body.textContent = JSON.stringify(facts)
`

/** Debian's chromium, without a window. */
export class Browser {
  private readonly folder = mkdtempSync(join(tmpdir(), 'ami-track-browser-'))

  /** Loads a page in a window of this width and looks at it. */
  async look(html: string, width: number): Promise<PageFacts> {
    writeFileSync(join(this.folder, 'page.html'), html)
    const frame = `<iframe src="page.html" style="border:0;width:${width}px;height:900px"></iframe>`
    const harness = join(this.folder, 'harness.html')
    writeFileSync(harness, `<!DOCTYPE html><body>${frame}<script>onload = () => {${MEASURE}}</script>`)
    const dom = await this.run(['--allow-file-access-from-files', '--dump-dom', pathToFileURL(harness).href])
    const text = /<body>(\{.*\})<\/body>/s.exec(dom)?.[1] ?? '{}'
    return JSON.parse(
      text
        .replace(/&lt;/g, '<')
        .replace(/&gt;/g, '>')
        .replace(/&nbsp;/g, ' ')
        .replace(/&amp;/g, '&'),
    )
  }

  /** The page as a PNG of this size. */
  async picture(htmlFile: string, file: string, width: number, height: number): Promise<void> {
    const options = ['--hide-scrollbars', `--window-size=${width},${height}`, `--screenshot=${file}`]
    await this.run([...options, pathToFileURL(htmlFile).href])
  }

  /** The page as it is printed. */
  async print(html: string): Promise<Buffer> {
    const [page, pdf] = [join(this.folder, 'print.html'), join(this.folder, 'print.pdf')]
    writeFileSync(page, html)
    await this.run(['--no-pdf-header-footer', `--print-to-pdf=${pdf}`, pathToFileURL(page).href])
    return readFileSync(pdf)
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  private async run(args: string[]): Promise<string> {
    const own = ['--headless=new', '--no-sandbox', '--disable-gpu', `--user-data-dir=${join(this.folder, 'profile')}`]
    const { stdout } = await promisify(execFile)('chromium', [...own, ...args], { timeout: 90_000, maxBuffer: 64e6 })
    return stdout
  }
}
