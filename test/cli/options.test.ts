import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { readCommandLine, readOptions } from '../../lib/cli/options.ts'
import { flag, hostName, onOff, text, texts, UsageError, wholeNumber } from '../../lib/options/kinds.ts'

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
    for (const name of ['--toString', '--constructor', '--__proto__', '--hasOwnProperty', '--no-moh', '-x']) {
      assert.equal(problem(name, '1'), `unknown option ${JSON.stringify(name)}`)
      if (name.startsWith('--')) assert.equal(problem(`${name}=1`), `unknown option ${JSON.stringify(name)}`)
    }
    assert.equal(problem('--__proto__.moh=1'), 'unknown option "--__proto__.moh"')
    assert.equal(problem('-m', '1'), 'unknown option "-m": did you mean --moh?')
  })

  it('refuses an option without its value, one given twice, and a stray argument', () => {
    assert.equal(problem('--queuelog'), '--queuelog needs a FILE')
    assert.equal(problem('--queuelog', '--strict'), '--queuelog needs a FILE')
    assert.equal(problem('--moh', '1', '--moh', '0'), '--moh is given more than once')
    assert.equal(problem('dump.ami'), 'unexpected argument "dump.ami"')
    assert.equal(problem('0012'), 'unexpected argument "0012"')
  })

  it('takes a word behind a flag for its value only if it can be that', () => {
    assert.deepEqual(read('--strict', '0'), read())
    assert.equal(problem('--strict', 'dump.ami'), 'unexpected argument "dump.ami"')
    assert.equal(problem('--strict=2'), '--strict takes 1 or 0, not "2"')
  })

  it('takes a negative number for a value, and nothing else that begins with a hyphen', () => {
    const numbers = { outboundthreshold: wholeNumber(300, 'ms'), secret: text('SECRET') }
    assert.throws(
      () => readOptions(['--outboundthreshold', '-1'], numbers),
      /a whole number of ms, such as 300, not "-1"$/,
    )
    assert.throws(
      () => readOptions(['--outboundthreshold', '-x'], numbers),
      /write a value that begins with - as --outboundthreshold=-x$/,
    )
    assert.throws(
      () => readOptions(['--secret', '-tr4ck'], numbers),
      /write a secret that begins with - as --secret=…$/,
    )
    assert.equal(readOptions(['--secret=-tr4ck'], numbers).secret, '-tr4ck')
    assert.throws(
      () => readOptions(['--outboundthreshold', '--secret', 'x'], numbers),
      /takes a whole number of ms, such as 300$/,
    )
  })

  it('takes an option more than once where its kind says so, in order', () => {
    assert.deepEqual(readOptions(['--replay', 'a', '--replay=b'], { replay: texts('FILE') }), { replay: ['a', 'b'] })
    assert.deepEqual(readOptions([], { replay: texts('FILE') }), { replay: [] })
  })

  it('parts options from operands, and takes all behind -- for operands', () => {
    const { values, given, operands } = readCommandLine(['a', '--moh', '0', '-', '--', '--moh', '-x'], kinds)
    assert.deepEqual([values.moh, [...given], operands], [false, ['moh'], ['a', '-', '--moh', '-x']])
  })

  it('takes a host for a name or an address', () => {
    const hosts = { host: hostName('127.0.0.1') }
    for (const host of ['pbx', 'pbx-1.example.org', '10.0.0.1', '::1', 'fe80::1%eth0', 'my_pbx', 'büro', 'pbx.']) {
      assert.deepEqual(readOptions([`--host=${host}`], hosts), { host })
    }
    for (const [wrong, meant] of [
      ['pbx:5038', 'pbx --port 5038'],
      ['[fe80::1]:5038', 'fe80::1 --port 5038'],
      ['ami://tracker@pbx', 'pbx --login tracker'],
    ] as const) {
      assert.throws(() => readOptions([`--host=${wrong}`], hosts), { message: new RegExp(`: write --host ${meant}$`) })
    }
    for (const wrong of ['', ' ', '-pbx', 'a b', '/', '::1::', '..'])
      assert.throws(() => readOptions([`--host=${wrong}`], hosts))
  })
})
