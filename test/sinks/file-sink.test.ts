import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { after, beforeEach, describe, it } from 'node:test'
import type { AppendFile } from '../../lib/files/append-whole.ts'
import { openToAppend } from '../../lib/files/open-to-append.ts'
import { QueueLogRecord } from '../../lib/queue-log/record.ts'
import { FileSink } from '../../lib/sinks/file-sink.ts'
import { ErrorLog } from '../../lib/text/log.ts'
import { RecordingLog } from '../support/recording-log.ts'

const folder = mkdtempSync(join(tmpdir(), 'ami-track-file-sink-'))
after(() => rmSync(folder, { recursive: true }))

let path = ''
let count = 0
beforeEach(() => {
  path = join(folder, `queue_log-${count++}`)
})

const record = (n: number): QueueLogRecord => {
  return new QueueLogRecord({ time: n, callid: '1.2', queuename: 'q', agent: 'a', event: 'CALLERONHOLD', data: [] })
}
const text = (...numbers: number[]): string => numbers.map((n) => `${n}|1.2|q|a|CALLERONHOLD|\n`).join('')

function written(sink: FileSink, ...numbers: number[]): Promise<void> {
  return new Promise((resolve, reject) => {
    sink.write(numbers.map(record), (error) => (error ? reject(error) : resolve()))
  })
}

/** A sink that keeps what it cannot write, and its log. */
function keeping(options: { openFile?: (path: string) => Promise<AppendFile> } = {}): {
  sink: FileSink
  log: RecordingLog
} {
  const log = new RecordingLog()
  const errors = new ErrorLog(log)
  const onError = (problem: string): void => errors.tell('file', problem)
  return { sink: new FileSink(path, { onError, onMended: () => errors.mended('file'), ...options }), log }
}

describe('a queue_log file', () => {
  it('is appended to, whole lines between those that others write', async () => {
    const sink = new FileSink(path)
    await written(sink, 1)
    appendFileSync(path, 'of Asterisk\n')
    await written(sink, 2, 3)
    sink.end()
    await finished(sink)
    assert.equal(readFileSync(path, 'utf8'), `${text(1)}of Asterisk\n${text(2, 3)}`)
  })

  it('is a new one from the first line on after it was moved away', async () => {
    const sink = new FileSink(path)
    await written(sink, 1)
    renameSync(path, `${path}.1`)
    await written(sink, 2)
    sink.end()
    await finished(sink)
    assert.equal(readFileSync(`${path}.1`, 'utf8'), text(1))
    assert.equal(readFileSync(path, 'utf8'), text(2))
  })

  it('that cannot be opened is an error at once', () => {
    assert.throws(() => new FileSink(join(folder, 'no', 'such', 'folder')), /there is no folder /)
  })

  it('that cannot be written keeps its lines, says so once, and writes them when it can again', async () => {
    symlinkSync('/dev/full', path)
    const { sink, log } = keeping()
    sink.write([record(1), record(2)])
    await log.until(/cannot write queue_log lines to .*: ENOSPC.*; ami-track keeps them and tries again/)
    assert.deepEqual(sink.unwritten, [text(1), text(2)])
    rmSync(path)
    sink.end()
    await finished(sink)
    assert.equal(readFileSync(path, 'utf8'), text(1, 2))
    assert.equal(log.lines.filter((line) => !/more times/.test(line)).length, 1)
    sink.destroy()
  })

  it('that cannot be written is the end of a replay, which has nobody who waits', async () => {
    symlinkSync('/dev/full', path)
    const sink = new FileSink(path)
    sink.on('error', () => {})
    await assert.rejects(written(sink, 1), /queue_log-.*ENOSPC/)
  })

  it('gets the line whole, and no part of it, from a disk that was full for a moment', async () => {
    const { sink } = keeping({ openFile: (name) => openShort(name, 7) })
    sink.end([record(1), record(2)])
    await finished(sink)
    assert.equal(readFileSync(path, 'utf8'), text(1, 2))
  })

  it('keeps no part of a line while the disk is full', async () => {
    const { sink, log } = keeping({ openFile: (name) => openShort(name, 7, { isFullAfter: true }) })
    writeFileSync(path, 'of Asterisk\n')
    sink.end([record(1)])
    await log.until(/ENOSPC/)
    assert.equal(readFileSync(path, 'utf8'), 'of Asterisk\n')
    await finished(sink)
    assert.equal(readFileSync(path, 'utf8'), `of Asterisk\n${text(1)}`)
  })

  it('gets the whole line where another program wrote behind a part of it, whose lines stay', async () => {
    const other = (name: string) => appendFileSync(name, 'of Asterisk\n')
    const { sink } = keeping({ openFile: (name) => openShort(name, 7, { whenShort: other }) })
    sink.end([record(1)])
    await finished(sink)
    assert.equal(readFileSync(path, 'utf8'), `${text(1).slice(0, 7)}of Asterisk\n${text(1)}`)
  })

  it('begins a line of its own behind the part that a process left which was killed', async () => {
    writeFileSync(path, text(1).slice(0, 7))
    const sink = new FileSink(path)
    sink.end([record(2), record(3)])
    await finished(sink)
    assert.equal(readFileSync(path, 'utf8'), `${text(1).slice(0, 7)}\n${text(2, 3)}`)
  })

  it('that is a pipe is refused, as its reader would be waited for', () => {
    execFileSync('mkfifo', [path])
    assert.throws(
      () => new FileSink(path),
      /cannot be opened: it is a pipe: use - or \/dev\/stdout, and send stdout into the pipe/,
    )
  })

  it('is given up with its lines where the program ends', async () => {
    symlinkSync('/dev/full', path)
    const { sink, log } = keeping()
    sink.on('error', () => {})
    sink.write([record(1)])
    await log.until(/ENOSPC/)
    sink.destroy()
    await new Promise((closed) => sink.once('close', closed))
    assert.deepEqual(sink.unwritten, [text(1)])
  })
})

interface Shortness {
  /** Whether nothing more is taken behind the part, once. */
  isFullAfter?: boolean
  whenShort?: (name: string) => void
}

/** A file on a disk that is full for a moment: of the first line it takes some bytes. */
async function openShort(name: string, bytes: number, shortness: Shortness = {}): Promise<AppendFile> {
  const { isFullAfter = false, whenShort = () => {} } = shortness
  const file = await openToAppend(name)
  let writes = 0
  const write = async (line: Buffer, from = 0): Promise<unknown> => {
    writes++
    if (writes === 2 && isFullAfter) throw new Error('ENOSPC')
    if (writes > 1) return file.write(line, from)
    const written = await file.write(line, from, bytes)
    whenShort(name)
    return written
  }
  return {
    stat: file.stat.bind(file),
    read: file.read.bind(file),
    truncate: file.truncate.bind(file),
    close: () => file.close(),
    write: write as AppendFile['write'],
  }
}
