import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AmiParser } from '../lib/ami/parser.ts'
import { openInput } from '../lib/cli/input.ts'
import { chain } from '../lib/stages/chain.ts'
import { createWithDefaults, neededEvents, trackers } from '../lib/trackers/index.ts'

/**
 * One measurement in a process of its own: `measure.js WHAT FILE`, WHAT being scan, parse, parse all, chain or
 * `chain TRACKER`. Prints the number of messages or lines it counted,
 * the seconds from the first byte to the last, and the peak of its memory, as JSON.
 */

type Feed = (chunk: Buffer) => void

/** What the wire allows at best: where each message ends, and nothing else. */
function scan(): { feed: Feed; count: () => number } {
  let count = 0
  let tail = Buffer.alloc(0)
  return {
    feed: (chunk) => {
      if (Buffer.concat([tail, chunk.subarray(0, 3)]).includes('\r\n\r\n')) count++
      for (let at = chunk.indexOf('\r\n\r\n'); at >= 0; at = chunk.indexOf('\r\n\r\n', at + 4)) count++
      tail = Buffer.from(chunk.subarray(-3))
    },
    count: () => count,
  }
}

function parse(wants: (event: string) => boolean): { feed: Feed; count: () => number } {
  const parser = new AmiParser(
    { wants },
    () => {},
    () => {},
  )
  return { feed: (chunk) => parser.feed(chunk), count: () => parser.counts.messages }
}

async function run(what: string, file: string): Promise<number> {
  const input = openInput(file)
  if (what.startsWith('chain')) {
    let lines = 0
    const running = trackers.filter(({ program }) => what === 'chain' || what.endsWith(program)).map(createWithDefaults)
    await pipeline(input, chain({ trackers: running }), async (source) => {
      for await (const some of source as AsyncIterable<string[]>) lines += some.length
    })
    return lines
  }
  const { feed, count } =
    what === 'scan' ? scan() : parse(what === 'parse all' ? () => true : (e) => neededEvents.has(e))
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      feed(chunk)
      done()
    },
  })
  await pipeline(input, sink)
  return count()
}

const [what = '', file = ''] = process.argv.slice(2)
const start = process.hrtime.bigint()
const count = await run(what, file)
const seconds = Number(process.hrtime.bigint() - start) / 1e9
process.stdout.write(`${JSON.stringify({ count, seconds, peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`)
