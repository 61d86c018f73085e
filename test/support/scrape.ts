import { strict as assert } from 'node:assert'
import type { LiveProgram } from './live-program.ts'

/** What was scraped: the families with their types, and the samples by their names and labels as they stand there. */
export interface Scrape {
  types: Map<string, string>
  samples: Map<string, number>
  text: string
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = '[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\\\\n]|\\\\["\\\\n])*"'
const SAMPLE = new RegExp(
  `^((${NAME})(?:\\{${LABEL}(?:,${LABEL})*\\})?) (-?\\d+(?:\\.\\d+)?(?:e[+-]?\\d+)?|Nan|[+-]Inf)$`,
)
/** What a summary or histogram adds to the name of its family. */
const SUFFIX = /_(?:bucket|sum|count)$/

/** Reads Prometheus' text format 0.0.4, and fails where a text is not in it. */
export function readScrape(text: string): Scrape {
  const types = new Map<string, string>()
  const samples = new Map<string, number>()
  let family = ''
  assert.ok(text.endsWith('\n'), 'the last line has no end')
  for (const line of text.split('\n')) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (kind === 'HELP') {
      assert.ok(!types.has(name), `${name} is there twice`)
      family = name
    } else if (kind === 'TYPE') {
      assert.equal(name, family, 'a TYPE stands behind its HELP')
      assert.match(rest, /^(counter|gauge|histogram|summary|untyped)$/)
      types.set(name, rest)
    } else if (line !== '') {
      const [, series = '', sampleName = '', value = ''] = SAMPLE.exec(line) ?? []
      assert.notEqual(series, '', `no sample: ${line}`)
      assert.ok(sampleName === family || sampleName.replace(SUFFIX, '') === family, `${line} is not in its family`)
      assert.ok(!samples.has(series), `${series} is there twice`)
      samples.set(series, Number(value))
    }
  }
  return { types, samples, text }
}

/** Where a daemon that was started with `--metrics 127.0.0.1:0` serves them. */
export async function urlOf(program: LiveProgram): Promise<string> {
  const { msg } = await program.untilLog(/^metrics are at /)
  return msg.replace(/^metrics are at (.*)\/metrics$/, '$1')
}

export async function scrape(program: LiveProgram): Promise<Scrape> {
  const response = await fetch(`${await urlOf(program)}/metrics`)
  assert.equal(response.status, 200)
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  return readScrape(await response.text())
}

/** Scrapes until something is so. */
export async function scrapeUntil(
  program: LiveProgram,
  isSo: (samples: Scrape['samples']) => boolean,
): Promise<Scrape> {
  for (;;) {
    const scraped = await scrape(program)
    if (isSo(scraped.samples)) return scraped
  }
}
