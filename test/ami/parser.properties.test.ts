import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { decodeHeaders } from '../../lib/ami/decode.ts'
import { addHeader, HeaderMessage, type HeaderValue, lineOfHeaders, wireOf } from '../../lib/ami/message.ts'
import { AmiParser } from '../../lib/ami/parser.ts'
import { WireMessage } from '../../lib/ami/wire-message.ts'
import { allFixtures } from '../support/fixtures.ts'
import { parse } from '../support/parsing.ts'
import { runsOf } from '../support/sample.ts'

/** Cuts bytes at the given places, each a fraction of the length. */
function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [...at].map((fraction) => Math.floor(fraction * bytes.length)).sort((a, b) => a - b)
  const chunks: Buffer[] = []
  let from = 0
  for (const place of [...places, bytes.length]) {
    chunks.push(bytes.subarray(from, place))
    from = place
  }
  return chunks
}

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 })

/** Pieces of which streams are made that come near to AMI. */
const piece = fc.oneof(
  fc.constantFrom('\r\n', '\r\n\r\n', '\n\n', '\r', '\n', ': ', ':', 'Event: Hold', 'Event:', 'Response: Follows\r\n'),
  fc.constantFrom(
    '--END COMMAND--',
    'Asterisk Call Manager/5.0.4\r\n',
    'Response: Success',
    'Timestamp: 1.5',
    '\0',
    '{',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const nearlyAmi = fc
  .tuple(fc.array(piece, { maxLength: 40 }), fc.uint8Array({ maxLength: 30 }))
  .map(([pieces, bytes]) => Buffer.concat([Buffer.from(pieces.join('')), Buffer.from(bytes)]))

describe('the AMI parser, for any input', () => {
  it('gives the same messages, reports and errors however the bytes are cut into chunks', () => {
    fc.assert(
      fc.property(nearlyAmi, cuts, fc.constantFrom(40, 1024 * 1024), (bytes, at, maxMessageBytes) => {
        assert.deepEqual(parse(cut(bytes, at), { maxMessageBytes }), parse([bytes], { maxMessageBytes }))
      }),
      { numRuns: runsOf(3000) },
    )
  })

  it('gives the same messages of a recording however it is cut into chunks', () => {
    const recordings = allFixtures().map(({ amiFile }) => readFileSync(amiFile))
    fc.assert(
      fc.property(fc.constantFrom(...recordings), cuts, (bytes, at) => {
        assert.deepEqual(parse(cut(bytes, at)), parse([bytes]))
      }),
      { numRuns: 100 },
    )
  })

  it('reads back what was written: parse(wireOf(message)) is the message', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }).filter((text) => !/[:\r\n]/.test(text))
    const value = fc.string({ unit: 'grapheme', maxLength: 30 }).filter((text) => !/\r/.test(text))
    const headers = fc.array(fc.tuple(name, value), { maxLength: 12 })
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'ABCxyz'), minLength: 1 }), headers, (event, more) => {
        const all = new Map<string, HeaderValue>([['Event', event]])
        for (const [header, text] of more) if (!/^event$/i.test(header)) addHeader(all, header, text)
        const message = new HeaderMessage(all)
        const { lines } = parse([Buffer.from('Asterisk Call Manager/5.0.4\r\n'), wireOf(message)])
        assert.deepEqual(lines, [Buffer.from(message.toLine(), 'latin1').toString('utf8')])
        assert.deepEqual(Object.entries(JSON.parse(lines[0] ?? '')).sort(), [...all].sort())
      }),
      { numRuns: 2000 },
    )
  })

  it('writes the same line for a message as a whole as header by header, whatever its values look like', () => {
    const text = fc.string({
      unit: fc.constantFrom('\\', 'r', 'n', '\n', '\r', '"', ':', ' ', 'x', '\0', '\x7f', '\xe9'),
      maxLength: 12,
    })
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 6 }),
        fc.constantFrom('\r\n' as const, '\n' as const),
        (values, lineEnd) => {
          const wire = ['Event: X', ...values.map((value, index) => `H${index}: ${value}`)].join(lineEnd)
          const message = WireMessage.of('X', wire, lineEnd)
          assert.equal(message.toLine(), lineOfHeaders(decodeHeaders(wire, lineEnd)))
          for (const [name, value] of decodeHeaders(wire, lineEnd)) {
            assert.equal(message.get(name), typeof value === 'string' ? value : value[0])
          }
        },
      ),
      { numRuns: runsOf(5000) },
    )
  })

  it('ends in reports for any garbage, and holds on to no more than one message of it', () => {
    fc.assert(
      fc.property(fc.array(nearlyAmi, { maxLength: 20 }), (chunks) => {
        const limit = 200
        const parser = new AmiParser(
          { maxMessageBytes: limit },
          () => {},
          () => {},
        )
        try {
          parser.feed(Buffer.from('Asterisk Call Manager/5.0.4\r\n'))
          for (const chunk of chunks) {
            parser.feed(chunk)
            assert.ok(parser.heldBytes <= limit + 4, `${parser.heldBytes} bytes held`)
          }
          parser.end()
        } catch (error) {
          assert.match((error as Error).message, /ami-track needs Asterisk 13/)
        }
      }),
      { numRuns: 2000 },
    )
  })
})
