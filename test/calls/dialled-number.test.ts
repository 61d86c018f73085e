import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { dialledNumber, numberInDialString } from '../../lib/calls/dialled-number.ts'

/** Dial strings as dialplans and manuals write them, by technology, and the number in each. */
const FORMS: readonly (readonly [technology: string, dialString: string, number: string])[] = [
  ['PJSIP', '5550001@trunk', '5550001'],
  ['PJSIP', '+495550001@trunk', '+495550001'],
  ['PJSIP', 'PJSIP/5550001@trunk', '5550001'],
  ['PJSIP', 'trunk/sip:5550001@192.0.2.1:5060', '5550001'],
  ['PJSIP', 'trunk/sip:+495550001;phone-context=x@192.0.2.1', '+495550001'],
  ['PJSIP', 'trunk/sips:5550001@pbx.example.com;transport=tls', '5550001'],
  ['PJSIP', '1001/sip:1001@192.0.2.1:5060', '1001'],
  ['PJSIP', '1001/sip:x7q2k9@192.0.2.1:5060', '1001'],
  ['PJSIP', 'anna.lindqvist/sip:anna.lindqvist@192.0.2.1', ''],
  ['PJSIP', 'trunk/sip:user:secret@192.0.2.1', ''],
  ['PJSIP', 'trunk/sip:192.0.2.1', ''],
  ['PJSIP', '1001', '1001'],
  ['PJSIP', 'trunk', ''],
  ['SIP', '5550001@trunk', '5550001'],
  ['SIP', 'trunk/5550001', '5550001'],
  ['SIP', '1001', '1001'],
  ['SIP', '*43@trunk', '*43'],
  ['SIP', 'user:secret@host', ''],
  ['SIP', 'user:secret:md5:auth:tls@host:5061', ''],
  ['SIP', '1001:secret@host', ''],
  ['SIP', 'user:secret@host/5550001', '5550001'],
  ['SIP', 'user:12345@192.0.2.1:5061/5550001', '5550001'],
  ['SIP', 'user:12345@host//192.0.2.1', ''],
  ['SIP', 'anna@host', ''],
  ['SIP', '5550001@trunk!5551000', '5550001'],
  ['SIP', '5550001@trunk!5551000@pbx.example.com!1001@pbx.example.com', '5550001'],
  ['SIP', 'trunk/5550001!5551000@pbx.example.com', '5550001'],
  ['SIP', '5550001@192.0.2.1:5061', '5550001'],
  ['SIP', 'trunk', ''],
  ['IAX2', 'user:secret@pbx.example.com/5550001', '5550001'],
  ['IAX2', 'user:secret@pbx.example.com:4569/5550001@context', '5550001'],
  ['IAX2', 'user@host/5550001', '5550001'],
  ['IAX2', 'user:[key]@host/5550001/a', '5550001'],
  ['IAX2', 'peer/5550001', '5550001'],
  ['IAX2', 'user:12345@host', ''],
  ['IAX2', 'peer', ''],
  ['DAHDI', 'g1/90155500', '90155500'],
  ['DAHDI', 'G2/ww5550001', '5550001'],
  ['DAHDI', 'r0c/5550001', '5550001'],
  ['DAHDI', 'i1/5550001/extra', '5550001'],
  ['DAHDI', 'g0/0ww5550001', '05550001'],
  ['DAHDI', '4', ''],
  ['Zap', 'g0/5550001', '5550001'],
  ['Local', '5550001@from-internal/n', '5550001'],
  ['Local', 'Local/1002@from-queue/n', '1002'],
  ['Local', 'FMPR-1003@from-internal', 'FMPR-1003'],
  ['Local', 'FMGL-95551234#@from-internal', 'FMGL-95551234#'],
  ['Local', '200@ctx/n&PJSIP/anna.lindqvist@203.0.113.9', '200'],
  ['SCCP', '101', '101'],
  ['SCCP', '101/aa=2w', '101'],
  ['OOH323', '5550001@192.0.2.1', '5550001'],
  ['CAPI', 'g1/b5550001', '5550001'],
  ['mISDN', '1/5550001', '5550001'],
  ['Dongle', 'dongle0/+495550001', '+495550001'],
  ['Khomp', 'b0c1/5550001', '5550001'],
  ['Skinny', '101@device', ''],
  ['MGCP', 'aaln/1@gateway', ''],
  ['Agent', '1001', ''],
  ['Console', 'dsp', ''],
  ['AudioSocket', '192.0.2.1:9092/40325ec2-5efd-4bd3-805f-53576e581d13', ''],
  ['Motif', 'google/user:secret@example.com', ''],
  ['', '5550001', ''],
]

describe('the number in a dial string', () => {
  for (const [technology, dialString, number] of FORMS) {
    it(`${technology}/${dialString} is ${number === '' ? 'none' : number}`, () => {
      assert.equal(numberInDialString(technology, dialString), number)
    })
  }
})

describe('NUMBER', () => {
  const facts = { exten: '95550001', ringExten: '', originated: false, originateExten: '' }

  it('is the calling channel’s Exten when it was created', () => {
    assert.equal(dialledNumber(facts, '5550001', 'PJSIP', '5550001@trunk'), '95550001')
  })

  it('of a channel that was created before anybody dialled is the Exten of its first Newstate Ring', () => {
    assert.equal(dialledNumber({ ...facts, exten: '101', ringExten: '95550001' }, 's', 'PJSIP', 'x@trunk'), '95550001')
  })

  it('of a click-to-call is the Exten of its OriginateResponse, else that of its DialBegin, else in its dial string', () => {
    const click = { exten: 's', ringExten: '', originated: true, originateExten: '' }
    const dial = ['PJSIP', '5550003@trunk'] as const
    assert.equal(dialledNumber({ ...click, originateExten: '95550001' }, '5550002', ...dial), '95550001')
    assert.equal(dialledNumber({ ...click, originateExten: 's' }, '5550002', ...dial), '5550002')
    assert.equal(dialledNumber(click, 's', ...dial), '5550003')
    assert.equal(dialledNumber(click, 's', 'IAX2', 'user:secret@host'), '')
  })
})
