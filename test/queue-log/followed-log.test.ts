import { strict as assert } from 'node:assert'
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { CAUGHT_UP, FollowedLog } from '../../lib/queue-log/followed-log.ts'
import type { FilePlace } from '../../lib/queue-log/log-file.ts'

const QUIET_MS = 30

let folder = ''
let path = ''
/** The number of the last line; its time goes on with it. */
let last = 0

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ami-track-follow-'))
  path = join(folder, 'queue_log')
  last = 0
})
afterEach(() => rmSync(folder, { recursive: true }))

function lines(count: number): string {
  let text = ''
  for (let n = 0; n < count; n++) text += `${1_795_000_000 + ++last}|call-${last}|q|a|CONNECT|1\n`
  return text
}

/** What a follower has read. */
class Reading {
  readonly numbers: number[] = []
  readonly problems: string[] = []
  text = ''
  place: FilePlace | undefined
  onProblem = (): void => {}
  private readonly end = new AbortController()
  private wake = (): void => {}
  private readonly done: Promise<void>

  constructor(after?: FilePlace) {
    this.done = this.run(after)
  }

  private async run(after: FilePlace | undefined): Promise<void> {
    const options = { after, follow: true, signal: this.end.signal, quietMs: QUIET_MS }
    const log = new FollowedLog(path, { ...options, onProblem: (text) => this.meet(text) })
    for await (const chunk of log) {
      if (chunk === CAUGHT_UP) continue
      for (const { bytes } of chunk.lines) {
        const line = String(bytes)
        this.text += line
        this.numbers.push(Number(/call-(\d+)/.exec(line)?.[1]))
      }
      this.place = chunk.end
      this.wake()
    }
  }

  private meet(problem: string): void {
    this.problems.push(problem)
    this.onProblem()
  }

  /** Waits until a line has been read. */
  async until(number: number): Promise<void> {
    const late = setTimeout(() => {
      throw new Error(`line ${number} was not read, but ${this.numbers.slice(-5)}`)
    }, 20_000)
    while (!this.numbers.includes(number)) await new Promise<void>((wake) => (this.wake = wake))
    clearTimeout(late)
  }

  async stop(): Promise<void> {
    this.end.abort()
    await this.done
  }

  assertAll(): void {
    assert.deepEqual(
      this.numbers,
      Array.from({ length: last }, (_, n) => n + 1),
    )
  }
}

describe('a followed queue_log', () => {
  it('is read as it grows, line by line: a part of a line waits for its end', async () => {
    writeFileSync(path, lines(2))
    const reading = new Reading()
    await reading.until(2)
    const [line = ''] = [lines(1)]
    appendFileSync(path, line.slice(0, 20))
    appendFileSync(path, line.slice(20) + lines(1))
    await reading.until(4)
    await reading.stop()
    reading.assertAll()
  })

  it('that is not there yet is waited for', async () => {
    const reading = new Reading()
    reading.onProblem = () => writeFileSync(path, lines(1))
    await reading.until(1)
    await reading.stop()
    assert.match(reading.problems.join(), /does not exist yet; waiting for it/)
  })

  it('that is renamed is read to its end first, also what is written behind the new one has begun', async () => {
    writeFileSync(path, lines(2))
    const old = openSync(path, 'a')
    const reading = new Reading()
    await reading.until(2)
    renameSync(path, `${path}.1`)
    writeSync(old, lines(1))
    const [late, first] = [lines(1), lines(1)]
    writeFileSync(path, first)
    writeSync(old, late)
    closeSync(old)
    await reading.until(last)
    await reading.stop()
    reading.assertAll()
  })

  it('stays open while the new file is empty: whoever writes has not turned to it yet', async () => {
    writeFileSync(path, lines(1))
    const old = openSync(path, 'a')
    const reading = new Reading()
    await reading.until(1)
    renameSync(path, `${path}.1`)
    writeFileSync(path, '')
    writeSync(old, lines(1))
    await reading.until(2)
    closeSync(old)
    appendFileSync(path, lines(1))
    await reading.until(3)
    await reading.stop()
    reading.assertAll()
  })

  it('that is copied and cut off goes on in the copy, and then at the beginning', async () => {
    writeFileSync(path, lines(2))
    const reading = new Reading()
    await reading.until(2)
    // In one turn: the reader sees none of these lines in the file itself.
    appendFileSync(path, lines(3))
    copyFileSync(path, `${path}.1`)
    truncateSync(path)
    appendFileSync(path, lines(1))
    await reading.until(6)
    await reading.stop()
    reading.assertAll()
    assert.deepEqual(reading.problems, [])
  })

  it('that is cut off and soon longer than before is known by its first line', async () => {
    writeFileSync(path, lines(2))
    const reading = new Reading()
    await reading.until(2)
    copyFileSync(path, `${path}.1`)
    truncateSync(path)
    appendFileSync(path, lines(50))
    await reading.until(52)
    await reading.stop()
    reading.assertAll()
  })

  it('that is cut off without a copy is told: lines may be missing', async () => {
    writeFileSync(path, lines(2))
    const reading = new Reading()
    await reading.until(2)
    truncateSync(path)
    appendFileSync(path, lines(1))
    await reading.until(3)
    await reading.stop()
    assert.match(reading.problems.join(), /was truncated, and no copy of it exists: lines may be missing/)
  })

  it('that is removed is read to its end, and a new one from its beginning', async () => {
    writeFileSync(path, lines(2))
    const old = openSync(path, 'a')
    const reading = new Reading()
    await reading.until(2)
    unlinkSync(path)
    writeSync(old, lines(2))
    closeSync(old)
    writeFileSync(path, lines(1))
    await reading.until(5)
    await reading.stop()
    reading.assertAll()
  })

  it('whose last line has no end when it is left gives that line as it is', async () => {
    writeFileSync(path, `${lines(1)}${lines(1).trimEnd()}`)
    const reading = new Reading()
    await reading.until(1)
    renameSync(path, `${path}.1`)
    writeFileSync(path, lines(1))
    await reading.until(3)
    await reading.stop()
    reading.assertAll()
    assert.equal(reading.text, readFileSync(`${path}.1`, 'utf8') + readFileSync(path, 'utf8'))
  })

  it('goes on where a reader stopped, whatever became of the files meanwhile', async () => {
    writeFileSync(path, lines(3))
    const first = new Reading()
    await first.until(3)
    await first.stop()
    appendFileSync(path, lines(1))
    renameSync(path, `${path}.1`)
    writeFileSync(path, lines(2))
    // Packed, it has another inode.
    writeFileSync(`${path}.2.gz`, gzipSync(readFileSync(`${path}.1`)))
    unlinkSync(`${path}.1`)
    copyFileSync(path, `${path}.1`)
    truncateSync(path)
    appendFileSync(path, lines(2))
    const second = new Reading(first.place)
    await second.until(last)
    await second.stop()
    assert.deepEqual([...first.numbers, ...second.numbers], [1, 2, 3, 4, 5, 6, 7, 8])
  })

  it('says so where the file is gone in which a reader stopped, and goes on with the next one', async () => {
    writeFileSync(path, lines(1))
    const first = new Reading()
    await first.until(1)
    await first.stop()
    unlinkSync(path)
    writeFileSync(path, lines(1))
    const second = new Reading(first.place)
    await second.until(2)
    await second.stop()
    assert.match(second.problems.join(), /is gone. Lines may be missing/)
  })

  it('loses and doubles nothing through some hundred rotations of all kinds and restarts', async () => {
    let random = 7
    const dice = (sides: number): number => {
      random = (random * 48271) % 2147483647
      return random % sides
    }
    writeFileSync(path, lines(1))
    let reading = new Reading()
    await reading.until(1)
    const numbers: number[] = []
    let place: FilePlace | undefined
    for (let turn = 0; turn < 120; turn++) {
      appendFileSync(path, lines(1 + dice(4)))
      // A copy has what was there when it was made; what one removes one has to have read.
      const kind = dice(5)
      if (kind === 0) {
        shift()
        renameSync(path, `${path}.1`)
        writeFileSync(path, lines(1))
      } else if (kind === 1) {
        shift()
        copyFileSync(path, `${path}.1`)
        truncateSync(path)
        appendFileSync(path, lines(1))
      } else if (kind === 2) {
        await reading.until(last)
        unlinkSync(path)
        writeFileSync(path, lines(1))
      } else if (kind === 3) {
        await reading.stop()
        numbers.push(...reading.numbers)
        place = reading.place ?? place
        reading = new Reading(place)
      }
      if (dice(3) === 0) await reading.until(last)
    }
    await reading.until(last)
    await reading.stop()
    numbers.push(...reading.numbers)
    assert.deepEqual(
      numbers,
      Array.from({ length: last }, (_, n) => n + 1),
    )
  })
})

/** Moves the rotated files up by one, as logrotate does. */
function shift(): void {
  for (let n = 200; n >= 1; n--) {
    if (existsSync(`${path}.${n}`)) renameSync(`${path}.${n}`, `${path}.${n + 1}`)
  }
}
