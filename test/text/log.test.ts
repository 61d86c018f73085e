import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { ErrorLog } from '../../lib/text/log.ts'
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
})
