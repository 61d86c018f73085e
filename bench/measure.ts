import { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AmiParser } from '../lib/ami/parser.ts'
import { Input } from '../lib/cli/input.ts'
import { chain } from '../lib/streams/chain.ts'
import { neededEvents, trackers } from '../lib/trackers/table.ts'
import { Tracking } from '../lib/trackers/tracking.ts'

/**
 * One measurement in a process of its own: `measure.js WHAT FILE [CHUNK]`, WHAT being scan, parse, parse all, decode all,
 * chain or `chain TRACKER`, FILE - for stdin, and CHUNK the size of the chunks if not those in which a file is read. Prints
 * the number of messages or lines it counted, the seconds from the first byte to the last, and the peak of its memory, as
 * JSON.
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

function parse(wants: (event: string) => boolean, decodes: boolean): { feed: Feed; count: () => number } {
  const parser = new AmiParser(
    { wants },
    (message) => {
      if (decodes) message.headers()
    },
    () => {},
  )
  return { feed: (chunk) => parser.feed(chunk), count: () => parser.counts.messages }
}

async function* inChunks(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += size) yield chunk.subarray(at, at + size)
  }
}

async function countLines(source: AsyncIterable<Buffer>, what: string): Promise<number> {
  let lines = 0
  const tracking = new Tracking(trackers.filter(({ program }) => what === 'chain' || what.endsWith(program)))
  await pipeline(source, chain({ tracking }), async (batches) => {
    for await (const some of batches as AsyncIterable<string[]>) lines += some.length
  })
  return lines
}

async function run(what: string, source: AsyncIterable<Buffer>): Promise<number> {
  if (what.startsWith('chain')) return countLines(source, what)
  const wants = what === 'parse' ? (event: string) => neededEvents.has(event) : () => true
  const { feed, count } = what === 'scan' ? scan() : parse(wants, what === 'decode all')
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      feed(chunk)
      done()
    },
  })
  await pipeline(source, sink)
  return count()
}

const [what = '', file = '', chunk = ''] = process.argv.slice(2)
const start = process.hrtime.bigint()
const count = await run(what, chunk === '' ? new Input(file) : inChunks(new Input(file), Number(chunk)))
const seconds = Number(process.hrtime.bigint() - start) / 1e9
process.stdout.write(`${JSON.stringify({ count, seconds, peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`)
