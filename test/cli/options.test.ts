import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { readOptions } from '../../lib/cli/options.ts'
import { flag, onOff, text, UsageError, wholeNumber } from '../../lib/options/kinds.ts'

const kinds = { moh: onOff(true), strict: flag(), queuelog: text('FILE') }

const read = (...argv: string[]): unknown => readOptions(argv, kinds)
const problem = (...argv: string[]): string => {
  try {
    read(...argv)
  } catch (error) {
    assert.ok(error instanceof UsageError)
    return error.message
  }
  return 'none'
}

describe('the command line', () => {
  it('has its defaults', () => {
    assert.deepEqual(read(), { moh: true, strict: false, queuelog: undefined })
  })

  it('takes values behind a blank or an equals sign, as the texts they are', () => {
    assert.deepEqual(read('--moh', '0', '--queuelog', '0012'), { moh: false, strict: false, queuelog: '0012' })
    assert.deepEqual(read('--moh=no', '--queuelog=a=b', '--strict'), { moh: false, strict: true, queuelog: 'a=b' })
    assert.deepEqual(read('--queuelog', '-', '--strict=0'), { moh: true, strict: false, queuelog: '-' })
  })

  it('takes 1/0, yes/no and true/false for on and off, and nothing else', () => {
    for (const on of ['1', 'yes', 'true']) assert.deepEqual(read('--moh', on), read())
    for (const off of ['0', 'no', 'false']) assert.deepEqual(read('--moh', off), { ...(read() as object), moh: false })
    for (const wrong of ['2', 'on', 'TRUE ', 'y']) {
      assert.equal(problem('--moh', wrong), `--moh takes 1 or 0, not ${JSON.stringify(wrong)}`)
    }
    assert.equal(problem('--moh'), '--moh takes 1 or 0')
    assert.equal(problem('--moh='), '--moh takes 1 or 0')
  })

  it('takes whole numbers where it wants them', () => {
    const numbers = { outboundthreshold: wholeNumber(300) }
    assert.deepEqual(readOptions([], numbers), { outboundthreshold: 300 })
    assert.deepEqual(readOptions(['--outboundthreshold', '0'], numbers), { outboundthreshold: 0 })
    for (const wrong of ['-1', '1.5', '1e3', 'x', '']) {
      assert.throws(
        () => readOptions([`--outboundthreshold=${wrong}`], numbers),
        /^UsageError: --outboundthreshold takes a/,
      )
    }
  })

  it('refuses options that it does not have, also such that JavaScript has', () => {
    for (const name of [
      '--mho',
      '--toString',
      '--constructor',
      '--__proto__',
      '--hasOwnProperty',
      '--no-moh',
      '-m',
      '--',
    ]) {
      assert.equal(problem(name, '1'), `unknown option ${JSON.stringify(name)}`)
      if (name.startsWith('--') && name.length > 2)
        assert.equal(problem(`${name}=1`), `unknown option ${JSON.stringify(name)}`)
    }
    assert.equal(problem('--__proto__.moh=1'), 'unknown option "--__proto__.moh"')
  })

  it('refuses an option without its value, one given twice, and a stray argument', () => {
    assert.equal(problem('--queuelog'), '--queuelog needs a FILE')
    assert.equal(problem('--queuelog', '--strict'), '--queuelog needs a FILE')
    assert.equal(problem('--moh', '1', '--moh', '0'), '--moh is given more than once')
    assert.equal(problem('dump.ami'), 'unexpected argument "dump.ami"')
    assert.equal(problem('0012'), 'unexpected argument "0012"')
    assert.equal(problem('--strict', 'dump.ami'), '--strict takes 1 or 0, not "dump.ami"')
  })
})
