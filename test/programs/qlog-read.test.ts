import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { root } from '../support/package.ts'
import { endOf, runPipe } from '../support/programs.ts'

const folder = mkdtempSync(join(tmpdir(), 'ami-track-qlog-read-'))
after(() => rmSync(folder, { recursive: true }))

const recorded = join(root, 'fixtures/asterisk-13/hotdesk.queue_log')
const odd = Buffer.from('x\n1|a|b|c|D\n1||b|c|D|\n17|\xe9|b|c|D|x\r\n5|a|b|c|E|f\0g\n3|a|b|c|D|z', 'latin1')

describe('qlog-read', () => {
  it('and qlog-write give the same bytes, also of several files, packed ones, and of what is no queue_log', async () => {
    const [packed, plain] = [join(folder, 'packed.gz'), join(folder, 'odd')]
    writeFileSync(packed, gzipSync(readFileSync(recorded)))
    writeFileSync(plain, odd)
    const out = join(folder, 'joined')
    const { codes, stderr } = await runPipe([
      ['qlog-read', packed, plain],
      ['qlog-write', '--queuelog', out],
    ])
    assert.deepEqual(codes, [0, 0])
    assert.deepEqual(readFileSync(out), Buffer.concat([readFileSync(recorded), odd]))
    assert.equal(stderr, `qlog-read: ${plain}, byte 0: a line does not begin with a time in epoch seconds\n`)
  })

  it('reads stdin, and ends at what is no line with --strict', async () => {
    const { stdout, codes } = await runPipe([['qlog-read']], { input: '5|1.2|q|a|CONNECT|1\n' })
    assert.deepEqual(codes, [0])
    assert.deepEqual(JSON.parse(stdout).queue_log.position, { file: 'stdin', byte: 0 })
    const strict = await runPipe([['qlog-read', '--strict']], { input: '5|1.2|q|a|CONNECT|1\n5|1\n' })
    assert.deepEqual(strict.codes, [1])
    assert.match(strict.stderr, /^qlog-read: stdin, byte 20: a line has 2 columns instead of 5\n$/)
  })

  it('follows a file through its rotation, each line as it comes, until it is told to end', async () => {
    const path = join(folder, 'queue_log')
    writeFileSync(path, '1795000001|1.1|q|a|CONNECT|1\n')
    const program = spawn(join(root, 'bin/qlog-read'), [path, '--follow'], { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = endOf(program)
    const bytes: number[] = []
    for await (const line of createInterface(program.stdout)) {
      bytes.push(JSON.parse(line).queue_log.position.byte)
      if (bytes.length === 1) appendFileSync(path, '1795000002|1.1|q|a|COMPLETECALLER|1|2|1\n')
      if (bytes.length === 2) {
        renameSync(path, `${path}.1`)
        writeFileSync(path, '1795000003|1.2|q|a|CONNECT|1\n')
      }
      if (bytes.length === 3) program.kill('SIGTERM')
    }
    assert.deepEqual(bytes, [0, 29, 0])
    assert.equal(await ended, 143)
  })
})
