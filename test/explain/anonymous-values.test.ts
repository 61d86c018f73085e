import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { AnonymousValues } from '../../lib/explain/anonymous-values.ts'
import { runsOf } from '../support/sample.ts'

type Kind = Exclude<
  {
    [K in keyof AnonymousValues]: AnonymousValues[K] extends (text: string) => string ? K : never
  }[keyof AnonymousValues],
  never
>

/** Values as a dump holds them one after the other, what becomes of each, and of what kind it is. */
const dumps: Readonly<Record<string, readonly [kind: Kind, value: string, shared: string][]>> = {
  'keeps to the kind of what it replaces': [
    ['channel', 'PJSIP/1001-0000002a', 'PJSIP/3000-0000002a'],
    ['dialled', 'PJSIP/1001', 'PJSIP/3000'],
    ['channel', 'Local/1001@from-queue-00000001;2', 'Local/3000@from-queue-00000001;2'],
    ['dialled', 'Local/1001@from-queue/n', 'Local/3000@from-queue/n'],
    ['dialled', 'hint:1001@ext-local', 'hint:3000@ext-local'],
    ['dialled', '+4930123@acme-sip', '+3000000@peer1-peer2'],
    ['dialled', '1001/sip:1001@192.168.7.9:5060', '3000/sip:3000@198.18.0.1:3001'],
    ['dialled', '1001/sip:1001@[fe80::1]:5060', '3000/sip:3000@[2001:db8::1]:3001'],
    ['dialled', 'tom:s3cret@pbx.acme.org/5550001', 'peer3:peer4@host1.example/3000001'],
    ['dialled', 'g1/5550001', 'g1/3000001'],
    ['personName', 'Jane Doe', 'name1 name2'],
    ['personName', '1001', '3000'],
    ['personName', '<unknown>', '<unknown>'],
    ['callerNumber', '(030) 555-0001', '(300) 000-0000'],
    ['callerNumber', '0305550001', '3000000000'],
    ['context', 'from-internal_1', 'from-internal_1'],
    ['context', 'from-trunk-acme', 'from-trunk-peer1'],
    ['queue', 'Acme Sales', 'queue1 queue2'],
    ['accountCode', 'acme', 'peer1'],
    ['queue', 'q-acme', 'q-peer1'],
    ['parkingLot', 'default', 'default'],
  ],
  'leaves the extensions of Asterisk and the codes of services, and nothing that looks like one': [
    ['extension', 's', 's'],
    ['extension', 'h', 'h'],
    ['extension', '7', '7'],
    ['extension', '*43', '*43'],
    ['extension', '*47*1001*600', '*47*3000*300'],
    ['extension', '**1001', '**3000'],
    ['extension', '*1001', '*3000'],
    ['extension', 's-NOANSWER', 's-NOANSWER'],
    ['extension', 's-JOHN', 'extension1-extension2'],
    ['callerNumber', 's-JOHN', 'extension1-extension2'],
  ],
  'replaces whoever follows a Local context, or stands at the place of a technology': [
    ['dialled', '200@ctx/n&PJSIP/anna.lindqvist@203.0.113.9', '300@peer1/peer2&PJSIP/host1.example@198.18.0.1'],
    ['dialled', 'Local/200@ctx/n&PJSIP/anna.lindqvist@203.0.113.9', 'Local/300@peer1/n&PJSIP/host1.example@198.18.0.1'],
    ['dialled', 'Local/200@ctx/anna', 'Local/300@peer1/peer3'],
    ['dialled', 'Lindqvist/Anna', 'peer4/peer5'],
    ['dialled', 'lindqvist/anna', 'peer6/peer3'],
  ],
  'keeps a suffix that Asterisk counted, in any case, and puts another in the place of any other': [
    ['channel', 'SCCP/101-0000001A', 'SCCP/300-0000001A'],
    ['channel', 'DAHDI/1-1', 'DAHDI/1-1'],
    ['channel', 'IAX2/pbx.example.com:4569-2', 'IAX2/host1.example:3000-2'],
    ['channel', 'IAX2/pbx.example.com:4569-12345', 'IAX2/host1.example:3000-f0000001'],
    ['channel', 'PJSIP/acme-cafe', 'PJSIP/peer1-f0000002'],
    ['channel', 'PJSIP/acme-49301234', 'PJSIP/peer1-f0000003'],
    ['channel', 'PJSIP/acme-home', 'PJSIP/peer1-peer2'],
  ],
  'keeps the time and the number of a Uniqueid, and nothing that a client chose': [
    ['timestamp', '1800000000.123456', '1800000000.123456'],
    ['uniqueid', '1800000000.2', '1800000000.2'],
    ['uniqueid', 'pbx-berlin-1800000000.2', 'system1-system2-1800000000.2'],
    ['uniqueid', 'anna', 'channel1'],
    ['uniqueid', '1800000000.2\r', 'channel2'],
    ['uniqueid', '1555123456.2', 'channel3'],
    ['uniqueid', '<unknown>', '<unknown>'],
    ['uniqueid', '', ''],
    ['timestamp', '4930555123', ''],
    ['timestamp', 'anna', ''],
    ['bridge', 'e8b40bf4-9a3a-4e4a-8f6c-5b0f4d3f1c11', 'e8b40bf4-9a3a-4e4a-8f6c-5b0f4d3f1c11'],
    ['bridge', 'anna', '00000001-0000-4000-8000-000000000000'],
  ],
}

describe('what is said instead of a value', () => {
  for (const [what, rows] of Object.entries(dumps)) {
    it(what, () => {
      const values = new AnonymousValues()
      for (const [kind, value, shared] of rows) assert.equal(values[kind](value), shared, `${kind} ${value}`)
    })
  }

  it('is a member’s interface where its name is that, whatever it looks like, and else a name', () => {
    const values = new AnonymousValues()
    assert.equal(values.dialled('tel/anna'), 'tel/peer1')
    assert.equal(values.memberName('tel/anna', 'tel/anna'), 'tel/peer1')
    assert.equal(values.memberName('tel/anna', 'PJSIP/1001'), 'name1/peer1')
    assert.equal(values.memberName('PJSIP/1001', undefined), values.dialled('PJSIP/1001'))
    assert.equal(values.memberName('Lindqvist/Anna', 'PJSIP/1001'), 'name2/name3')
  })

  it('is enough for more numbers than there are of so many digits', () => {
    const values = new AnonymousValues()
    const all = [...Array(90).keys()].map((n) => values.extension(String(n + 10)))
    assert.equal(new Set(all).size, 90)
    assert.equal(new Set([...all, values.extension('555')]).size, 91)
  })

  it('is another for another text, in the order of any dump, and the same for the same', () => {
    const kinds = [
      'extension',
      'personName',
      'accountCode',
      'queue',
      'context',
      'channel',
      'dialled',
      'uniqueid',
    ] as const
    const piece = fc.oneof(
      fc.constantFrom(...'/@:;,&=-_ .*#+'),
      fc.constantFrom(
        'PJSIP/',
        'Local/',
        'from',
        'queue',
        's',
        'q',
        '198.18.0.1',
        '0000001a',
        ';1',
        'name1',
        '30',
        '3',
      ),
      fc.string({ minLength: 1, maxLength: 2, unit: fc.constantFrom(...'aAbBcC019é') }),
    )
    const text = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...kinds), text), { maxLength: 60 }), (rows) => {
        const values = new AnonymousValues()
        const bySaid = new Map<string, string>()
        const said = new Map<string, string>()
        for (const [kind, value] of rows) {
          const shared = values[kind](value)
          const [key, sharedKey] = [`${kind} ${value}`, `${kind} ${shared}`]
          assert.equal(said.get(key) ?? shared, shared, value)
          said.set(key, shared)
          assert.equal(bySaid.get(sharedKey) ?? value, value, shared)
          bySaid.set(sharedKey, value)
        }
      }),
      { numRuns: runsOf(3000) },
    )
  })
})
