import { AmiParser } from '../lib/ami/parser.ts'
import { LineReader } from '../lib/records/ndjson.ts'

/**
 * `hostile.js`: streams that nobody sends but who means harm, each of a size and of twice that. What costs more than twice
 * as much then, costs ever more. Prints a table.
 */

const CHUNK_BYTES = 64 * 1024
const MB = 1e6

/** Reads a stream, and asks each message for a header it has and for one it has not. */
function read(stream: Buffer, chunkBytes: number): number {
  const start = process.hrtime.bigint()
  const reader = new LineReader(() => true)
  const parser = new AmiParser(
    {},
    (message) => {
      message.get('Uniqueid')
      message.get('Nobody-has-it')
      reader.read(message.toLine())
    },
    () => {},
  )
  for (let at = 0; at < stream.length; at += chunkBytes) parser.feed(stream.subarray(at, at + chunkBytes))
  parser.end()
  return Number(process.hrtime.bigint() - start) / 1e9
}

const greeting = 'Asterisk Call Manager/11.0.0\r\n'
const stamped = 'Event: Hold\r\nTimestamp: 1800000000.000000\r\n'

const cases: { name: string; size: number; stream: (size: number) => string; chunkBytes?: number }[] = [
  {
    name: 'one message of 100 MB',
    size: 100 * MB,
    stream: (size) => `${greeting}${stamped}Data: ${'x'.repeat(size)}\r\n\r\n`,
  },
  {
    name: 'one message of 100 MB of lines',
    size: 100 * MB,
    stream: (size) => `${greeting}${stamped}${'Data: x\r\n'.repeat(size / 9)}\r\n`,
  },
  {
    name: 'a million headers, in messages of 1 MB',
    size: 1e6,
    stream: (size) => `${greeting}${`${stamped}${numbered(100_000)}\r\n`.repeat(size / 100_000)}`,
  },
  {
    name: 'a million times the same header, in messages of 1 MB',
    size: 1e6,
    stream: (size) => `${greeting}${`${stamped}${'Uniqueid:\r\n'.repeat(80_000)}\r\n`.repeat(size / 80_000)}`,
  },
  { name: 'a million tiny messages', size: 1e6, stream: (size) => greeting + 'Event: A\r\n\r\n'.repeat(size) },
  {
    name: 'a million events of as many names',
    size: 1e6,
    stream: (size) => greeting + Array.from({ length: size }, (_, n) => `Event: E${n}\r\n\r\n`).join(''),
  },
  {
    name: '10 MB of events, a byte at a time',
    size: 10 * MB,
    stream: (size) => greeting + `${stamped}Uniqueid: 1800000000.1\r\n\r\n`.repeat(size / 70),
    chunkBytes: 1,
  },
  {
    name: 'a command’s output of 1 MB of empty lines, over and over',
    size: 20 * MB,
    stream: (size) => greeting + `Response: Follows\r\n${'\r\n'.repeat(500_000)}\r\n`.repeat(size / MB),
  },
]

function numbered(count: number): string {
  return Array.from({ length: count }, (_, n) => `${n.toString(36)}:\r\n`).join('')
}

process.stdout.write('| stream | seconds | of twice the size |\n| --- | ---: | ---: |\n')
for (const { name, size, stream, chunkBytes = CHUNK_BYTES } of cases) {
  const [once, twice] = [1, 2].map((times) => {
    const bytes = Buffer.from(stream(size * times), 'latin1')
    // The better of two: the first warms up.
    return Math.min(read(bytes, chunkBytes), read(bytes, chunkBytes))
  })
  process.stdout.write(`| ${name} | ${once?.toFixed(2)} | ${twice?.toFixed(2)} |\n`)
}
