import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { OWN_ACTION_ID } from '../../lib/ami/action.ts'
import { sharedEvents } from '../../lib/explain/anonymize.ts'
import { sharedHeaderNames } from '../../lib/explain/shared-headers.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { anonymizedDump } from '../support/anonymizing.ts'
import { linesWithOwnTimes } from '../support/chains.ts'
import { allFixtures } from '../support/fixtures.ts'
import { runsOf, sampleOf } from '../support/sample.ts'

/** Somebody who must not be found. */
interface Planted {
  word: string
  other: string
  number: string
  secret: string
  host: string
  address: string
}

// No pseudonym and no harmless word has one of these, nor a time: it would be found where nobody put it.
const word = fc
  .tuple(
    fc.constantFrom('Zq', 'zQ', 'ZQ'),
    fc.string({ minLength: 3, maxLength: 9, unit: fc.constantFrom(...'abkxyzÅéüλ') }),
  )
  .map(([begin, end]) => begin + end)
const planted: fc.Arbitrary<Planted> = fc.record({
  word,
  other: word,
  number: fc.string({ minLength: 6, maxLength: 11, unit: fc.constantFrom(...'456789') }).map((digits) => `9${digits}`),
  secret: fc.string({ minLength: 6, maxLength: 20, unit: fc.constantFrom(...'qxzQXZ789') }).map((text) => `qZ${text}`),
  host: word.map((name) => `pbx.${name}.example.com`),
  address: fc.tuple(fc.nat(255), fc.nat(255)).map(([one, two]) => `203.87.${one}.${two}`),
})

/** How a name, a number, a host or a secret stands in a value. */
const forms: readonly ((of: Planted) => string)[] = [
  ({ word }) => word,
  ({ number }) => number,
  ({ secret }) => secret,
  ({ host }) => host,
  ({ address }) => address,
  ({ word, other }) => `${word}/${other}`,
  ({ word, other }) => `${word} ${other}`,
  ({ word, other }) => `${other}, ${word.toUpperCase()}`,
  ({ word, number }) => `"${word}" <${number}>`,
  ({ word }) => `\\"${word}\\n\\t${word}\\"`,
  ({ word }) => `PJSIP/${word}-0000002a`,
  ({ number }) => `SCCP/${number}-0000001A`,
  ({ word, number }) => `PJSIP/${word}-${number}`,
  ({ word, number }) => `sip/${number}@${word}`,
  ({ word, number }) => `Local/${number}@${word}-00000001;1`,
  ({ word, number }) => `Local/${word}@from-${number}/n`,
  ({ word, other }) => `Local/200@from-queue/${word}/${other}`,
  ({ word, other, address }) => `200@ctx/n&PJSIP/${word}.${other}@${address}`,
  ({ word, number, secret, host }) => `IAX2/${word}:${secret}@${host}:4569/${number}`,
  ({ number }) => `DAHDI/g1/${number}w${number}`,
  ({ number }) => `DAHDI/i1/${number}-1a`,
  ({ word, number, host }) => `PJSIP/${word}/sip:${number}@${host}:5060;transport=udp;user=${word}`,
  ({ word, other, host }) => `${word}%40${other}@${host}?${other}=${word}`,
  ({ word, address }) => `<sip:${word}@[2001:db8::${address}]:5060>`,
  ({ word, number }) => `hint:${number}@${word}&hint:${word}@ext-local`,
  ({ word }) => `${word}/PJSIP/${word}-00000001`,
  ({ word }) => `Agent/${word}`,
  ({ number }) => `+${number}`,
  ({ number }) => `*43${number}`,
  ({ number }) => `**${number}`,
  ({ number }) => `*47*${number}*600`,
  ({ number }) => [...number].join(' '),
  ({ number }) => `(${number.slice(0, 3)}) ${number.slice(3)}`,
  ({ number }) => `${number.slice(0, 4)}-${number.slice(4)}.1`,
  ({ word }) => `s-${word}`,
  ({ word }) => `s-${word.toUpperCase()}`,
  ({ word, number }) => `q-${word}_${number}`,
  ({ word }) => `pk-${word}`,
  ({ word }) => `from-${word}-custom`,
  ({ word, number }) => `${word}-${number}-1800000000.7`,
  ({ number }) => `${number.padEnd(10, '9').slice(0, 10)}.${number}`,
  ({ word }) => `1800000000.7.${word}`,
  ({ number }) => `${number}.123456`,
  ({ number, secret }) => `CHANNEL(onhold)=1${secret}${number}`,
  ({ secret }) => `SECRET=${secret},tTkK`,
  ({ word, secret }) => `{"${word}":"${secret}"}`,
  ({ word }) => `${OWN_ACTION_ID}${word}`,
  ({ number }) => `${OWN_ACTION_ID}1${number}`,
  ({ word }) => `${OWN_ACTION_ID}${word}-1`,
  ({ word }) => `Success ${word}`,
  ({ word }) => `Success: ${word}`,
  ({ word }) => `Normal Clearing ${word}`,
  ({ word, number }) => `${word}|${number}|1`,
  ({ word }) => `${word}\r`,
  ({ word, other }) => `${word}\n${other}: ${word}`,
  ({ word, number }) => `  ${word}\t${number} `,
  ({ word, number }) => `e8b40bf4-9a3a-4e4a-8f6c-${number}${word}`,
]

const value = fc.array(fc.constantFrom(...forms), { minLength: 1, maxLength: 2 })
const separators = fc.constantFrom('&', ',', '', ' ', '@', '/')
const headerNames = [
  ...sharedHeaderNames(),
  'ChanVariable',
  'ApplicationData',
  'Privilege',
  'SystemName',
  '__proto__',
  'constructor',
]

interface Message {
  event: string | undefined
  /** For each header the forms that are joined to its value. */
  headers: [name: string, values: ((of: Planted) => string)[], separator: string][]
}

const message: fc.Arbitrary<Message> = fc.record({
  event: fc.option(fc.constantFrom(...sharedEvents), { nil: undefined }),
  headers: fc.array(fc.tuple(fc.constantFrom(...headerNames), value, separators), { maxLength: 40 }),
})

function bytesOf({ event, headers }: Message, of: Planted, encoding: 'utf8' | 'latin1'): Buffer {
  const lines = headers.map(([name, values, separator]) => {
    // Digits right behind a Uniqueid are its own: together they are the Uniqueid of a later call, and tell of nobody.
    const text = values
      .map((form) => form(of))
      .join(separator)
      .replace(/(?<=1800000000\.7)(?=\d)/g, '-')
    return `${name}: ${text.replace(/\r\n/g, '')}\r\n`
  })
  const first = event === undefined ? 'Response: Success\r\n' : `Event: ${event}\r\nTimestamp: 1800000000.000001\r\n`
  return Buffer.from(`${first}${lines.join('')}\r\n`, encoding)
}

/** A name is found in any case of letters, and a number however it is written. */
function assertNobodyIn(shared: string, of: Planted): void {
  const names = [...Object.values(of), of.host.slice('pbx.'.length, -'.example.com'.length)]
  for (const line of shared.split('\r\n')) {
    const folded = line.toLowerCase()
    for (const name of names) assert.equal(folded.includes(name.toLowerCase()), false, `${name} is found: ${line}`)
    const digits = line.replace(/(?<=\d)[ ()\-.]+(?=\d)/g, '')
    assert.equal(digits.includes(of.number), false, `${of.number} is found: ${line}`)
  }
}

describe('an anonymized dump, for any names', () => {
  it('holds none of them, in whatever header and form they stand', async () => {
    await fc.assert(
      fc.asyncProperty(
        planted,
        fc.array(message, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('utf8', 'latin1'),
        async (of, messages, encoding) => {
          const dump = Buffer.concat(messages.map((one) => bytesOf(one, of, encoding)))
          const shared = await anonymizedDump(dump, { onReport: () => {} })
          assertNobodyIn(shared.toString('utf8'), of)
          assertNobodyIn(shared.toString('latin1'), of)
        },
      ),
      { numRuns: runsOf(500) },
    )
  })

  it('holds none of them in any header alone, in any form alone, of any event', async () => {
    const of: Planted = {
      word: 'Zqkxya',
      other: 'zQbéyz',
      number: '98765456',
      secret: 'qZx7z8Q9',
      host: 'pbx.ZQabk.example.com',
      address: '203.87.65.43',
    }
    const events = [undefined, ...sharedEvents]
    const all: Buffer[] = []
    let n = 0
    for (const name of headerNames) {
      for (const form of forms) {
        const event = events[n++ % events.length]
        all.push(bytesOf({ event, headers: [[name, [form], '']] }, of, 'utf8'))
      }
    }
    assertNobodyIn((await anonymizedDump(Buffer.concat(all), { onReport: () => {} })).toString(), of)
  })
})

/** Recordings of calls in which everybody is called otherwise, in ways that AMI has, and that are easily taken for another thing. */
const DISGUISES: Readonly<Record<string, readonly [RegExp, string | ((found: string) => string)][]>> = {
  'endpoints are names that differ in case alone': [
    [/\b1001\b/g, 'anna.lindqvist'],
    [/\b1002\b/g, 'Anna.Lindqvist'],
    [/\b5551000\b/g, 'anna'],
  ],
  'endpoints end like a suffix': [
    [/(PJSIP\/)(\d{4})\b/g, '$1$2-cafe'],
    [/\btrunk\b/g, 'acme-1001'],
  ],
  'suffixes are in capital letters, and Uniqueids begin with the name of the system': [
    [/(?<=-)0000[0-9a-f]{4}(?=[;\r])/g, (suffix) => suffix.toUpperCase()],
    [/(?<=(?:Uniqueid|Linkedid): )17\d{8}\.\d+(?=\r)/g, 'pbx-anna-$&'],
  ],
  'queues, lots, account codes and contexts are called after people': [
    [/\bsupport\b/g, 'Anna & Söhne | 24'],
    [/\blocalq\b/g, 'q-acme'],
    [/(?<=^Parkinglot: )default(?=\r)/gm, 'Lindqvist'],
    [/\bacme\b/g, 'anna/lindqvist'],
    [/\bfrom-internal\b/g, 'from-Lindqvist-1001'],
  ],
  'members are called like interfaces, and one like its own': [
    [/(?<=^MemberName: )joe(?=\r)/gm, 'Lindqvist/Anna'],
    [/\bJane Doe\b/g, 'Local/Jane@Doe'],
    [/PJSIP\/1001(?=\r)/g, 'tel/anna'],
  ],
  'there are no Timestamps': [[/^Timestamp: .*\r\n/gm, '']],
  'what cannot be read stands between': [
    [/^Event: BridgeCreate\r\n/gm, 'Unreadable: Anna\r\n\r\nEvent: BridgeCreate\r\n'],
  ],
}

/**
 * Asserts that two queue_logs are the same but for names: equal ones in the one are equal in the other, and different ones
 * different; times, verbs and numbers are the same.
 */
function assertSameButForNames(lines: readonly string[], shared: readonly string[], what: string): void {
  assert.equal(shared.length, lines.length, what)
  const there = new Map<string, string>()
  const back = new Map<string, string>()
  for (const [n, line] of lines.entries()) {
    const [one, other] = [line.split('|'), shared[n]?.split('|') ?? []]
    assert.equal(other.length, one.length, `${what}: ${line}`)
    assert.deepEqual([other[0], other[4]], [one[0], one[4]], `${what}: ${line}`)
    for (const [column, text] of one.entries()) {
      const said = other[column] ?? ''
      if (column >= 5 && /^\d{0,3}$/.test(text) && said === text) continue
      assert.equal(there.get(text) ?? said, said, `${what}: ${text} in ${line}`)
      assert.equal(back.get(said) ?? text, text, `${what}: ${said} in ${shared[n]}`)
      there.set(text, said)
      back.set(said, text)
    }
  }
}

describe('an anonymized recording', () => {
  for (const [n, [what, replacements]] of Object.entries(DISGUISES).entries()) {
    it(`gives the same lines but for the names where ${what}`, async () => {
      let count = 0
      for (const { name, amiFile } of sampleOf(allFixtures(), 5, n)) {
        let text = readFileSync(amiFile, 'utf8')
        for (const [pattern, by] of replacements) {
          text = typeof by === 'string' ? text.replace(pattern, by) : text.replace(pattern, by)
        }
        const original = Buffer.from(text)
        const shared = await anonymizedDump(original, { onReport: () => {} })
        const lines = await linesWithOwnTimes([original], trackers, { mayRemember: true })
        assertSameButForNames(lines, await linesWithOwnTimes([shared], trackers, { mayRemember: true }), name)
        assert.doesNotMatch(shared.toString(), /anna|lindqvist|söhne|jane|cafe/i)
        count += lines.length
      }
      assert.equal(count > 100, true, 'recordings give lines')
    })
  }
})
