import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { AT_THE_END, ErrorLog } from '../../lib/text/log.ts'
import { OnceLog } from '../../lib/text/once-log.ts'
import { RecordingLog } from '../support/recording-log.ts'

describe('an error that comes again and again', () => {
  it('is told once, and how often it came when it no longer does', () => {
    const log = new RecordingLog()
    const errors = new ErrorLog(log)
    for (let n = 0; n < 5; n++) errors.tell('connect: a', 'no connection: a')
    errors.tell('connect: b', 'no connection: b')
    errors.tell('file', 'disk full')
    assert.deepEqual(log.lines, ['error: no connection: a', 'error: no connection: b', 'error: disk full'])
    errors.mended('connect: ')
    assert.equal(log.lines.at(-1), 'error: no connection: a (4 more times)')
    errors.tell('connect: a', 'no connection: a')
    assert.equal(log.lines.at(-1), 'error: no connection: a')
    errors.end()
    assert.equal(log.lines.length, 5)
  })

  it('is counted with all others where each comes in new words', ({ mock }) => {
    mock.timers.enable({ apis: ['setInterval'] })
    const log = new RecordingLog()
    const errors = new ErrorLog(log)
    for (let n = 0; n < 10_000; n++) errors.tell(`refused: ${n}`, `refused: ${n}`)
    assert.equal(log.lines.length, 20)
    mock.timers.tick(60_000)
    assert.deepEqual(log.lines.slice(20), ['error: refused: 9999 (the last of 9980 further errors)'])
    // The kinds of the first minute are no longer kept.
    errors.tell('file', 'disk full')
    assert.equal(log.lines.at(-1), 'error: disk full')
    errors.end()
    assert.equal(log.lines.length, 22)
  })
})

describe('what is wrong in an input', () => {
  it('is told twenty times of a kind, and at the end how many more there were', () => {
    const log = new RecordingLog()
    const errors = new ErrorLog(log, AT_THE_END)
    for (let n = 1; n <= 25; n++) errors.tell('bad line', `byte ${n}: a bad line`)
    errors.tell('oversize', 'byte 26: too long')
    assert.equal(log.lines.length, 21)
    assert.deepEqual(log.lines.slice(19), ['error: byte 20: a bad line', 'error: byte 26: too long'])
    errors.end()
    assert.deepEqual(log.lines.slice(21), ['error: bad line: 5 more of these'])
  })
})

describe('a warning of which the words change', () => {
  it('is told once for its kind', () => {
    const log = new RecordingLog()
    const once = new OnceLog(log)
    for (let n = 0; n < 100; n++) once.warn('denied', `denied for the ${n}th time`)
    once.warn('unknown', 'no such action')
    assert.deepEqual(log.lines, ['warn: denied for the 0th time', 'warn: no such action'])
  })
})
