import { strict as assert } from 'node:assert'
import { constants } from 'node:buffer'
import { appendFileSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, it } from 'node:test'
import { bytesOf, readEntries, SLICE_BYTES } from '../../lib/state/entries.ts'
import { Journal } from '../../lib/state/journal.ts'
import { folderOfEachTest } from '../support/each-test.ts'
import { isEvery } from '../support/sample.ts'

let path = ''

interface Opened {
  journal: Journal
  problem: string | undefined
  entries: string[]
}

function opened(): Opened {
  const entries: string[] = []
  const { journal, problem } = Journal.open(path, (entry) => entries.push(entry))
  return { journal, problem, entries }
}

/** The entries that are in the file, whoever has it open. */
function inFile(): string[] {
  const entries: string[] = []
  assert.equal(readEntries(path, (entry) => entries.push(entry)).problem, undefined)
  return entries
}

function written(...entries: string[]): void {
  const { journal } = opened()
  journal.append(entries)
  journal.close()
}

/** Puts other entries in the place of all there are. */
function replace(journal: Journal, entries: readonly string[]): Promise<boolean> {
  return journal.rewrite(async ({ write }) => {
    await write(bytesOf(entries))
    return true
  })
}

describe('a journal', () => {
  const file = folderOfEachTest('journal')
  beforeEach(() => {
    path = file('journal')
  })

  it('gives back what was appended, bytes of any kind, and goes on', () => {
    written('{"Event":"Hold"}', 'b\xe4 \x00')
    const { journal, entries, problem } = opened()
    assert.deepEqual(entries, ['{"Event":"Hold"}', 'b\xe4 \x00'])
    assert.equal(problem, undefined)
    journal.append(['c'])
    assert.equal(journal.size, statSync(path).size)
    assert.deepEqual(inFile().slice(-1), ['c'])
    assert.equal(statSync(path).mode & 0o777, 0o600)
  })

  it('loses no whole entry wherever a process was killed while it wrote', () => {
    written('one', 'two', 'three')
    const whole = readFileSync(path)
    const ends = [...whole].flatMap((byte, index) => (byte === 0x0a ? [index + 1] : []))
    for (let length = ends[0] ?? 0; length <= whole.length; length++) {
      writeFileSync(path, whole.subarray(0, length))
      const { journal, entries, problem } = opened()
      const complete = ends.filter((end) => end <= length).length - 1
      assert.deepEqual(entries, ['one', 'two', 'three'].slice(0, complete), `${length} bytes`)
      assert.equal(problem, undefined)
      journal.append(['four'])
      journal.close()
      assert.deepEqual(opened().entries.at(-1), 'four')
    }
  })

  it('that is damaged is set aside whatever byte it is, and a new one begun', () => {
    written('one', 'two')
    const whole = readFileSync(path)
    for (let at = 0; at < whole.length - 1; at++) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 0x01
      writeFileSync(path, damaged)
      const { problem, journal } = opened()
      journal.close()
      assert.deepEqual(inFile(), [])
      assert.match(problem ?? '', /it is now .*\.corrupt, and ami-track forgets the open calls/)
      assert.deepEqual(readFileSync(`${path}.corrupt`), damaged)
    }
  })

  it('of another version is set aside', () => {
    writeFileSync(path, bytesOf(['ami-track journal 1', 'one']))
    assert.match(opened().problem ?? '', /has another version: it is now .*\.corrupt/)
  })

  it('is replaced at once, and what is appended meanwhile is in the new one', async () => {
    written('one', 'two')
    const { journal } = opened()
    const isReplaced = await journal.rewrite(async ({ slices, write }) => {
      journal.append(['four'])
      assert.deepEqual(inFile(), ['one', 'two', 'four'])
      for await (const lines of slices()) assert.equal(lines.length, 2, 'what it was made of at the beginning')
      await write(bytesOf(['three']))
      for (let n = 0; n < 5000; n++) journal.append([`much ${n} ${'x'.repeat(100)}`])
      return true
    })
    assert.equal(isReplaced, true)
    journal.append(['last'])
    const entries = inFile()
    assert.deepEqual(entries.slice(0, 3), ['three', 'four', `much 0 ${'x'.repeat(100)}`])
    assert.equal(entries.length, 5003)
    assert.equal(entries.at(-1), 'last')
    assert.equal(journal.size, statSync(path).size)
    assert.deepEqual(readdirSync(file('')), ['journal'])
  })

  it('stays as it is where the new one is not made, or fails', async () => {
    written('one')
    const { journal } = opened()
    assert.equal(await journal.rewrite(async () => false), false)
    await assert.rejects(
      journal.rewrite(async () => {
        throw new Error('no room')
      }),
      /no room/,
    )
    journal.append(['two'])
    assert.deepEqual(inFile(), ['one', 'two'])
    assert.equal(existsSync(`${path}.compacted`), false)
  })

  it('that is closed or given up while it is replaced is not replaced', async () => {
    for (const end of ['close', 'discard'] as const) {
      written('one')
      const { journal } = opened()
      const replacing = journal.rewrite(async ({ write }) => {
        await write(bytesOf(['two']))
        journal[end]()
        return true
      })
      assert.equal(await replacing, false)
      assert.equal(existsSync(path), end === 'close')
      assert.equal(existsSync(`${path}.compacted`), false)
    }
  })

  it('is not misled by what a process left behind that was killed while it replaced it', async () => {
    written('one')
    appendFileSync(`${path}.compacted`, 'half of')
    const { journal, entries } = opened()
    assert.deepEqual(entries, ['one'])
    await replace(journal, ['two'])
    assert.deepEqual(inFile(), ['two'])
  })

  it('is read in slices of no more than 64 KiB and one entry, so that the loop never stands still for long', async () => {
    const entries = Array.from({ length: 3000 }, (_, n) => `${n} ${'x'.repeat(500)}`)
    written(...entries)
    const { journal } = opened()
    const found: string[] = []
    await journal.rewrite(async ({ slices }) => {
      for await (const lines of slices()) {
        const bytes = lines.reduce((sum, line) => sum + line.length, 0)
        assert.ok(bytes <= SLICE_BYTES + 600, `${bytes} bytes`)
        found.push(...lines.map((line) => line.toString('latin1', 9, line.length - 1)))
      }
      return false
    })
    assert.deepEqual(found, entries)
  })

  it('may be larger than the longest string', { skip: !isEvery && 'with EVERY=1' }, () => {
    const entry = 'x'.repeat(64 * 1024 * 1024)
    written()
    const line = bytesOf([entry])
    for (let n = 0; n < 9; n++) appendFileSync(path, line)
    assert.ok(statSync(path).size > constants.MAX_STRING_LENGTH)
    let bytes = 0
    const { journal: again, problem } = Journal.open(path, ({ length }) => {
      bytes += length
    })
    again.discard()
    assert.equal(problem, undefined)
    assert.equal(bytes, 9 * entry.length)
  })

  it('that is empty is a new one', () => {
    writeFileSync(path, '')
    assert.deepEqual(opened().entries, [])
    truncateSync(path, 0)
    assert.equal(opened().problem, undefined)
  })
})
