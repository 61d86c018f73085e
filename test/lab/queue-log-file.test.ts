import { strict as assert } from 'node:assert'
import { appendFileSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { LinesOfFiles, QueueLogFile } from './queue-log-file.ts'

function inFolder(play: (path: string, file: QueueLogFile) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'queue-log-'))
  const path = join(folder, 'queue_log')
  const file = new QueueLogFile(path)
  try {
    play(path, file)
  } finally {
    file.close()
    rmSync(folder, { recursive: true })
  }
}

test('lines come as they are written, whole ones only', () =>
  inFolder((path, file) => {
    assert.deepEqual(file.lines(), [])
    writeFileSync(path, 'one\ntw')
    assert.deepEqual(file.lines(), ['one'])
    appendFileSync(path, 'o\nthree\n')
    assert.deepEqual(file.lines(), ['one', 'two', 'three'])
  }))

test('a rotation loses nothing: the old file is read to its end, then the new one', () =>
  inFolder((path, file) => {
    writeFileSync(path, 'one\n')
    file.lines()
    appendFileSync(path, 'two\n')
    renameSync(path, `${path}.0`)
    writeFileSync(path, 'three\n')
    assert.deepEqual(file.lines(), ['one', 'two', 'three'])
    assert.deepEqual(file.lines(), ['one', 'two', 'three'])
  }))

test('of several files the lines of each come in their order, and none twice', () =>
  inFolder((path, file) => {
    const other = new QueueLogFile(`${path}.other`)
    const both = new LinesOfFiles([file, other])
    writeFileSync(path, 'one\n')
    assert.deepEqual(both.lines(), ['one'])
    writeFileSync(`${path}.other`, 'two\n')
    assert.deepEqual(both.lines(), ['one', 'two'])
    appendFileSync(path, 'three\n')
    assert.deepEqual(both.lines(), ['one', 'two', 'three'])
    assert.deepEqual(both.lines(), ['one', 'two', 'three'])
    both.close()
  }))
