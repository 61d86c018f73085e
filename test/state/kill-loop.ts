import { strict as assert } from 'node:assert'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { dump, randomNumbers, readTemplate } from '../../bench/generate.ts'
import { TICK } from '../../lib/ami/own-events.ts'
import { readEntries } from '../../lib/state/entries.ts'
import { neededEvents, trackers } from '../../lib/trackers/table.ts'
import { linesInOneProcess } from '../support/chains.ts'
import { FakeAsterisk, type FakeSession } from '../support/fake-asterisk.ts'
import { fixturesSideBySide } from '../support/fixtures.ts'
import { LiveProgram } from '../support/live-program.ts'

export interface KillLoopOptions {
  kills: number
  seed: number
  /** What ends the daemon's connection: kill -9 of the process, or a reset of the connection. */
  by: 'kill' | 'reset'
  /** Told how far it is. */
  onProgress?: (text: string) => void
}

/** How many events go out at once, and how many on average between two kills. */
const BURST = 20
const EVENTS_BETWEEN_KILLS = 60
/** The daemon is killed within so many ms after a burst: before it was read, while it is written down, or after. */
const KILLED_WITHIN_MS = 6
const EVERYTHING = ['--moh', '1', '--parkedcalls', '1', '--outboundcalls', '1', '--hotdesking', '1']
/** When the generated calls begin: s since the epoch. */
const BEGINNING_S = 1_800_000_000
/** In each event: which one it is. Asterisk has no header of this name. */
const PLACE = 'PlaceInPlay'

/**
 * Recordings at once, each event marked with its place. The last says that a minute has passed: at the end of a dump what
 * waits for a time is written, and a daemon that is stopped keeps it for the next start.
 */
function events(count: number, seed: number): Buffer[] {
  const templates = fixturesSideBySide().map(({ name, amiFile }) => readTemplate(name, amiFile))
  const whole = [...dump({ templates, bytes: count * 2500, lanes: 12, seed })].join('')
  const wanted = whole.split('\r\n\r\n').filter((message) => {
    const name = /^Event: (.*)$/m.exec(message)?.[1]?.trimEnd() ?? ''
    return neededEvents.has(name) && message.includes('Timestamp: ')
  })
  const some = wanted.slice(0, count).map(stretched)
  const last = Math.max(...some.map((message) => Number(/^Timestamp: ([\d.]+)/m.exec(message)?.[1])))
  const later = `Event: ${TICK}\r\nPrivilege: \r\nTimestamp: ${(last + 60).toFixed(6)}`
  return [...some, later].map((message, place) => Buffer.from(`${message}\r\n${PLACE}: ${place}\r\n\r\n`, 'latin1'))
}

/**
 * Ten times as long after the beginning as it was. On a busy machine the bursts come late, and the daemon's clock, which
 * goes on while nothing comes, would get ahead of the next event.
 */
function stretched(message: string): string {
  return message.replace(/^(Timestamp: )([\d.]+)/m, (_, name: string, seconds: string) => {
    return `${name}${(BEGINNING_S + (Number(seconds) - BEGINNING_S) * 10).toFixed(6)}`
  })
}

/** The place of the last event that the daemon has written down; -1 if there is none. The last ones are never dropped. */
function lastKept(folder: string): number {
  const path = join(folder, 'journal')
  if (!existsSync(path)) return -1
  let last = -1
  readEntries(path, (entry) => {
    last = Math.max(last, Number(/"PlaceInPlay":"(\d+)"/.exec(entry)?.[1] ?? -1))
  })
  return last
}

/**
 * Plays events to the daemon, ends it or its connection again and again, and asserts that its queue_log is in the end what
 * it would have been without that. What is sent while nobody listens would be lost, as it is with every Asterisk: the
 * server plays on from the last event that the daemon has written down.
 */
export async function killLoop({ kills, seed, by, onProgress = () => {} }: KillLoopOptions): Promise<void> {
  const random = randomNumbers(seed)
  const all = events(kills * EVENTS_BETWEEN_KILLS, seed)
  const expected = await linesInOneProcess(all, trackers, { mayRemember: true })
  const folder = mkdtempSync(join(tmpdir(), 'ami-track-kills-'))
  const server = await FakeAsterisk.start()
  server.pbx.refuseLists()
  const queueLog = join(folder, 'queue_log')
  const command = [
    'ami-track',
    ...EVERYTHING,
    '--queuelog',
    queueLog,
    '--state',
    join(folder, 'state'),
    '--loglevel',
    'warn',
  ]
  let program = LiveProgram.start(server, command)
  let done = 0
  try {
    for (let killed = 0; ; killed++) {
      const session = await server.session()
      const next = lastKept(join(folder, 'state')) + 1
      const until =
        killed < kills ? Math.min(all.length, next + Math.ceil(random() * EVENTS_BETWEEN_KILLS * 2)) : all.length
      await playTo(session, all.slice(next, until))
      if (killed >= kills) break
      await sleep(random() * KILLED_WITHIN_MS)
      if (by === 'kill') {
        program.signal('SIGKILL')
        await program.ended
        program = LiveProgram.start(server, command)
      } else {
        session.reset()
      }
      await server.until(() => !session.isOpen)
      if (++done % 20 === 0) onProgress(`${done} of ${kills}, at event ${next} of ${all.length}`)
    }
    while (lastKept(join(folder, 'state')) < all.length - 1) await sleep(20)
    assert.equal(await program.stop(), 0)
    assert.equal(readFileSync(queueLog, 'utf8'), expected, `seed ${seed}`)
    assert.deepEqual(
      program.log.filter(({ level }) => level === 'error'),
      [],
    )
  } finally {
    program.signal('SIGKILL')
    await program.ended
    await server.stop()
    rmSync(folder, { recursive: true })
  }
}

async function playTo(session: FakeSession, some: readonly Buffer[]): Promise<void> {
  for (let at = 0; at < some.length; at += BURST) {
    session.send(Buffer.concat(some.slice(at, at + BURST)))
    await sleep(1)
  }
}
