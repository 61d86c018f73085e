import { strict as assert } from 'node:assert'
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, beforeEach, describe, it } from 'node:test'
import { Journal } from '../../lib/state/journal.ts'

const folder = mkdtempSync(join(tmpdir(), 'ami-track-journal-'))
after(() => rmSync(folder, { recursive: true }))
let path = ''
let count = 0
beforeEach(() => {
  path = join(folder, `journal-${count++}`)
})

function written(...entries: string[]): void {
  const { journal } = Journal.open(path)
  journal.append(entries)
  journal.close()
}

describe('a journal', () => {
  it('gives back what was appended, bytes of any kind, and goes on', () => {
    written('{"Event":"Hold"}', 'b\xe4 \x00')
    const { journal, entries, problem } = Journal.open(path)
    assert.deepEqual(entries, ['{"Event":"Hold"}', 'b\xe4 \x00'])
    assert.equal(problem, undefined)
    journal.append(['c'])
    assert.equal(journal.size, statSync(path).size)
    assert.deepEqual(journal.read().slice(-1), ['c'])
    assert.equal(statSync(path).mode & 0o777, 0o600)
  })

  it('loses no whole entry wherever a process was killed while it wrote', () => {
    written('one', 'two', 'three')
    const whole = readFileSync(path)
    const ends = [...whole].flatMap((byte, index) => (byte === 0x0a ? [index + 1] : []))
    for (let length = ends[0] ?? 0; length <= whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length))
      const { journal, entries, problem } = Journal.open(path)
      const complete = ends.filter((end) => end <= length).length - 1
      assert.deepEqual(entries, ['one', 'two', 'three'].slice(0, complete), `${length} bytes`)
      assert.equal(problem, undefined)
      journal.append(['four'])
      journal.close()
      assert.deepEqual(Journal.open(path).entries.at(-1), 'four')
    }
  })

  it('that is damaged is set aside whatever byte it is, and a new one begun', () => {
    written('one', 'two')
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length - 1; at++) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 0x01
      writeFileSync(path, damaged)
      const { entries, problem, journal } = Journal.open(path)
      journal.close()
      assert.deepEqual(entries, [])
      assert.match(problem ?? '', /it is kept as .*\.corrupt, and open calls are forgotten/)
      assert.deepEqual(readFileSync(`${path}.corrupt`), damaged)
    }
  })

  it('of another version is set aside', () => {
    writeFileSync(path, '00000000 ami-track journal 9\n')
    assert.match(Journal.open(path).problem ?? '', /is none of this version|is damaged in line 1/)
  })

  it('is replaced at once: there is a whole one all the time', () => {
    written('one', 'two')
    const { journal } = Journal.open(path)
    journal.replace(['three'])
    journal.append(['four'])
    assert.deepEqual(Journal.open(path).entries, ['three', 'four'])
    assert.equal(existsSync(`${path}.new`), false)
  })

  it('is not misled by what a process left behind that was killed while it replaced it', () => {
    written('one')
    appendFileSync(`${path}.new`, 'half of')
    const { journal, entries } = Journal.open(path)
    assert.deepEqual(entries, ['one'])
    journal.replace(['two'])
    assert.deepEqual(Journal.open(path).entries, ['two'])
  })

  it('that is empty is a new one', () => {
    writeFileSync(path, '')
    assert.deepEqual(Journal.open(path).entries, [])
    truncateSync(path, 0)
    assert.equal(Journal.open(path).problem, undefined)
  })
})
