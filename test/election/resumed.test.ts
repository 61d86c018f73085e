import { strict as assert } from 'node:assert'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { Role } from '../../lib/election/beat.ts'
import { Election, GRACE_MS } from '../../lib/election/election.ts'
import { LastTurnFile } from '../../lib/election/last-turn.ts'
import { folderOfEachTest } from '../support/each-test.ts'

const PROVEN = 1_800_000_000_000

/** A process that is started again, and has sent its first beat. */
function restarted(): Election {
  const election = new Election('second', PROVEN)
  election.connected(0)
  assert.equal(election.due(0)?.role, 'listening')
  return election
}

function hear(election: Election, tracker: string, role: Role, number: number, serverMs: number): void {
  election.heard({ tracker, role, number, place: '' }, 20, serverMs)
}

describe('a tracker that is started again soon after its last proof that it writes', () => {
  it('writes as soon as two of its beats are back, and all lines of before are its own', () => {
    const election = restarted()
    hear(election, 'second', 'listening', 1, PROVEN + GRACE_MS - 1)
    assert.equal(election.role, 'active')
    assert.equal(election.ownerOf(PROVEN, 0), 'undecided')
    assert.equal(election.due(30)?.role, 'active')
    hear(election, 'second', 'active', 2, PROVEN + GRACE_MS + 10)
    assert.equal(election.ownerOf(PROVEN, 0), 'ours')
    assert.equal(election.provenBeatMs, PROVEN + GRACE_MS + 10)
  })

  it('asks like any other where it is later, or the clock of the server was set back', () => {
    for (const stamp of [PROVEN + GRACE_MS, PROVEN + 60_000, PROVEN - 1]) {
      const election = restarted()
      hear(election, 'second', 'listening', 1, stamp)
      assert.equal(election.role, 'listening')
    }
  })

  it('asks like any other where somebody else writes, wants to, or has just left', () => {
    for (const role of ['active', 'claiming', 'leaving'] as const) {
      const election = restarted()
      hear(election, 'other', role, 1, PROVEN + 100)
      hear(election, 'second', 'listening', 1, PROVEN + 110)
      assert.notEqual(election.role, 'active', role)
    }
  })

  it('gives way to a claim that was made before its own word that it writes', () => {
    const election = restarted()
    hear(election, 'second', 'listening', 1, PROVEN + 100)
    hear(election, 'other', 'claiming', 9, PROVEN + 1600)
    hear(election, 'second', 'active', 2, PROVEN + 1610)
    assert.notEqual(election.role, 'active')
    assert.notEqual(election.ownerOf(PROVEN + 1620, 0), 'ours')
  })
})

describe('a tracker that ends', () => {
  function active(): Election {
    const election = restarted()
    hear(election, 'second', 'listening', 1, PROVEN + 100)
    return election
  }

  it('goes on as the one that writes where nobody stands by, so that the next process finds it so', () => {
    const election = active()
    election.leave()
    assert.equal(election.due(500)?.role, 'active')
    assert.notEqual(election.provenBeatMs, undefined)
  })

  it('leaves where somebody stands by, or comes while it ends', () => {
    const beside = active()
    hear(beside, 'other', 'standby', 1, PROVEN + 200)
    beside.leave()
    assert.equal(beside.due(30)?.role, 'leaving')
    assert.equal(beside.provenBeatMs, undefined)
    const alone = active()
    alone.leave()
    hear(alone, 'other', 'listening', 1, PROVEN + 200)
    assert.equal(alone.due(30)?.role, 'leaving')
  })
})

describe('a line of a time that no turn holds, as the clock of the server was set back', () => {
  it('is that of a tracker that was proven to write after it read the line: the order tells', () => {
    const election = restarted()
    hear(election, 'second', 'listening', 1, PROVEN + 100)
    assert.equal(election.due(30)?.role, 'active')
    hear(election, 'second', 'active', 2, PROVEN + 110)
    const ahead = PROVEN + 3_600_000
    assert.deepEqual(
      [29, 30, 31].map((readAt) => election.ownerOf(ahead, readAt)),
      ['ours', 'ours', 'undecided'],
    )
  })
})

describe('the note of the last proof', () => {
  const file = folderOfEachTest('turn')

  it('is found by the next process, for the same server', () => {
    const note = new LastTurnFile(file('turn'), 'pbx:5038')
    note.keep(PROVEN)
    assert.equal(note.read(), PROVEN)
    assert.equal(new LastTurnFile(file('turn'), 'other:5038').read(), undefined)
    note.forget()
    assert.equal(note.read(), undefined)
  })

  it('is none where it is too old, of another start of the machine, damaged, or cannot be written', () => {
    const note = new LastTurnFile(file('turn'), 'pbx:5038')
    note.keep(PROVEN)
    const { at, ...rest } = JSON.parse(readFileSync(file('turn'), 'utf8'))
    for (const other of [at - 5000, at + 3_600_000]) {
      writeFileSync(file('turn'), JSON.stringify({ ...rest, at: other }))
      assert.equal(note.read(), undefined)
    }
    for (const damaged of ['', '{', '{"server":"pbx:5038"}', 'null']) {
      writeFileSync(file('turn'), damaged)
      assert.equal(note.read(), undefined)
    }
    new LastTurnFile(file('no/folder'), 'pbx:5038').keep(PROVEN)
  })
})
