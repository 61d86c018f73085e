import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { didYouMean } from '../../lib/text/did-you-mean.ts'

const known = [
  'moh',
  'port',
  'parkedcalls',
  'outboundcalls',
  'outboundthreshold',
  'login',
  'logfile',
  'loglevel',
  'tls',
]

describe('a word that is unknown', () => {
  it('is taken for a known one that differs in a letter or two, in case or in hyphens', () => {
    for (const [word, meant] of [
      ['mho', 'moh'],
      ['hom', 'moh'],
      ['prot', 'port'],
      ['parkedcall', 'parkedcalls'],
      ['Parked-Calls', 'parkedcalls'],
      ['outboundtreshhold', 'outboundthreshold'],
      ['login_', 'login'],
    ] as const) {
      assert.equal(didYouMean(word, known), `: did you mean ${meant}?`, word)
    }
  })

  it('is taken for the beginning of those that begin so, if they are few', () => {
    assert.equal(didYouMean('outbound', known, '--'), ': did you mean --outboundcalls or --outboundthreshold?')
    assert.equal(didYouMean('log', known), ': did you mean login, logfile or loglevel?')
    assert.equal(didYouMean('t', known, '--'), ': did you mean --tls?')
    assert.equal(didYouMean('abc', ['abcd1', 'abcd2', 'abcd3', 'abcd4', 'abcd5']), '')
  })

  it('is taken for one that it goes on from', () => {
    assert.equal(didYouMean('warning', ['debug', 'info', 'warn', 'error']), ': did you mean warn?')
    assert.equal(didYouMean('tlsversion', known), '')
  })

  it('is taken for none that is only as short', () => {
    for (const word of ['', 'x', 'foo', 'mxy3', 'bananas', 'zzzzzzzzz']) assert.equal(didYouMean(word, known), '', word)
    assert.equal(didYouMean('moh', []), '')
  })
})
