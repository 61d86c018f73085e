import { strict as assert } from 'node:assert'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Worker } from 'node:worker_threads'
import { FileTail } from '../../lib/queue-log/file-tail.ts'
import { rotatedFiles } from '../../lib/queue-log/log-file.ts'
import { QueueLogRecord } from '../../lib/queue-log/record.ts'
import { runsOf } from '../support/sample.ts'

const FILES = 6
const LOOKS = runsOf(150)
const BEGIN = 1_795_000_000

/** Renames all files again and again, in the order of logrotate; no file is gone at any moment, and none is new. */
const ROTATING = `
const { renameSync } = require('node:fs')
const { workerData: { path, files } } = require('node:worker_threads')
const rest = new Int32Array(new SharedArrayBuffer(4))
for (;;) {
  for (let n = files; n >= 1; n--) {
    renameSync(path + '.' + n, path + '.' + (n + 1))
    Atomics.wait(rest, 0, 0, 0.2)
  }
  renameSync(path + '.' + (files + 1), path + '.1')
  Atomics.wait(rest, 0, 0, 30)
}`

const line = (n: number): string => `${BEGIN + n}|call-${n}|q|a|CONNECT|1\n`

describe('the rotated files of a queue_log, while they are renamed', () => {
  let folder = ''
  let path = ''
  let rotating: Worker

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ami-track-rotated-'))
    path = join(folder, 'queue_log')
    for (let n = 1; n <= FILES; n++) writeFileSync(`${path}.${n}`, line(n))
    writeFileSync(path, line(0))
    rotating = new Worker(ROTATING, { eval: true, workerData: { path, files: FILES } })
  })
  afterEach(async () => {
    await rotating.terminate()
    rmSync(folder, { recursive: true })
  })

  it('are found, each once', async () => {
    for (let look = 0; look < LOOKS; look++) {
      const found = await rotatedFiles(path)
      const heads = found.map(({ head }) => head)
      assert.equal(new Set(heads).size, FILES, `look ${look}: ${found.map((file) => file.path)}`)
      assert.equal(heads.length, FILES)
    }
  })

  it('are all looked at for a line that may have arrived', async () => {
    const tail = new FileTail(path, { isStampedByAsterisk: false })
    for (let look = 0; look < LOOKS; look++) {
      const n = 1 + (look % FILES)
      const wanted = new QueueLogRecord({
        time: BEGIN + n,
        callid: `call-${n}`,
        queuename: 'q',
        agent: 'a',
        event: 'CONNECT',
        data: ['1'],
      })
      const found = await tail.read({ wanted: [wanted], since: BEGIN - 100 })
      assert.ok(found.take(wanted), `look ${look}: ${n}`)
    }
  })
})
