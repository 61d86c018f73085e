import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Turns } from '../connection/turns.ts'
import { WaitingPool } from '../connection/waiting-pool.ts'
import { FileProblem } from '../files/file-problem.ts'
import { LockFile } from '../files/lock-file.ts'
import { FILES } from '../files/uses.ts'
import type { Log } from '../text/log.ts'
import { type LogValues, runWithLog, takePidFile } from './connected-programs.ts'
import { Doors, type DoorValues, hasDoors } from './doors.ts'
import type { OpenLog } from './logger.ts'
import { namesIn, PbxSet } from './pbx-set.ts'
import { runProcess } from './run-process.ts'
import type { AskedPbx } from './supervised-pbx.ts'

/** What the process is asked for that follows many PBXs. */
export interface SetValues extends LogValues, DoorValues {
  pid: string | undefined
  /** The folder in which the state of each has a folder of its own. */
  state: string | undefined
}

/** The settings of all PBXs that are to be followed, as they are now. */
export interface ReadSet {
  asked: readonly AskedPbx[]
  /** What is odd in them: a line each, for the log. */
  remarks: readonly string[]
}

/** Where the settings of PBXs are from. */
export interface SetSource {
  /** As messages call it: what to do where there is no PBX in it. */
  readonly whenEmpty: string
  /**
   * Comes to it, before it is read. @param signal ends the wait for it
   *
   * @throws Error if it can never be read
   */
  open(log: Log, signal: AbortSignal): Promise<void>
  /** @throws Error for what is wrong with all: nothing changes then */
  read(): ReadSet
  /** Calls back when it may say something else, from now on. */
  watch(changed: () => void): void
  close(): Promise<void>
}

/** One opens its state in each so many ms: that takes about one. */
const OPEN_EVERY_MS = 2
/** One connects in each so many ms: a thousand take three seconds, and no second sees more than 340. */
const CONNECT_EVERY_MS = 3
/** What may wait of the events of all PBXs together, besides what each has for itself: bytes. */
const SHARED_WAITING_BYTES = 256 * 1024 * 1024
const OWN_WAITING_BYTES = 256 * 1024
const MAX_WAITING_STATE_BYTES = 4 * 1024 * 1024
/** A process that waits for a signal alone wakes so often, in ms. */
const WAITING_MS = 3_600_000
/** systemd is told that the start is done when all have tried to log in, or after so long, in ms. */
const STARTED_MS = 15_000

/** Many PBXs in one process. It ends when it is told to, whatever becomes of them. */
export async function runSet(values: SetValues, source: SetSource): Promise<void> {
  const release = takePidFile(values.pid)
  const releaseState = values.state === undefined ? () => {} : takeStateFolder(values.state)
  await runWithLog('ami-track', values, async (log) => {
    const connections = {
      turns: new Turns(CONNECT_EVERY_MS),
      pool: new WaitingPool(SHARED_WAITING_BYTES, OWN_WAITING_BYTES),
    }
    const opening = new Turns(OPEN_EVERY_MS)
    const doors = new Doors(values, log)
    const set = new PbxSet((name) => ({
      log: log.ofPbx(name),
      counts: hasDoors(values),
      tap: doors.tap,
      onSettled: (record, outcome) => doors.lines?.add(record, outcome, name),
      output: process.stdout,
      turn: opening.next,
      ofMany: { connections, maxWaitingStateBytes: MAX_WAITING_STATE_BYTES },
    }))
    let isKnown = false
    await doors.openForMany(set, () => isKnown)
    // Where no PBX is followed, nothing else keeps the process: it waits for SIGHUP.
    const waiting = setInterval(() => {}, WAITING_MS)
    const leaving = new AbortController()
    /** @param isAsked whether somebody wants it, so that what was given up is tried again */
    const takeUp = (isAsked: boolean): void => {
      if (leaving.signal.aborted) return
      let now: ReadSet
      try {
        now = source.read()
      } catch (error) {
        log.error(`the old settings stay in use: ${(error as Error).message}`)
        return
      }
      if (isAsked) set.retry(now.asked)
      for (const remark of now.remarks) log.warn(remark)
      tellChange(set.ask(now.asked), log)
    }
    const begin = async (): Promise<void> => {
      await source.open(log, leaving.signal)
      if (leaving.signal.aborted) return
      takeUp(false)
      isKnown = true
      if (set.all.length === 0) log.warn(source.whenEmpty)
      source.watch(() => takeUp(false))
    }
    const beginning = begin()
    const tried = beginning.then(
      () => Promise.all(set.all.map((pbx) => pbx.tried)),
      () => [],
    )
    const end = await runProcess({
      log,
      started: Promise.race([tried, sleep(STARTED_MS, undefined, { ref: false })]),
      // Only what keeps it from beginning ends it.
      ending: beginning.then(
        () => new Promise(() => {}),
        (error: unknown) => error,
      ),
      stop: async () => {
        leaving.abort()
        const ended = await set.stop()
        const failure = await beginning.catch((error: unknown) => error)
        await source.close()
        return { ...ended, failure: failure ?? ended.failure }
      },
      reopen: async () => {
        await set.reopen()
        takeUp(true)
      },
      summary: () => set.summary,
      tell: () => {
        for (const pbx of set.all) pbx.tell()
        log.info(set.summary)
      },
    })
    clearInterval(waiting)
    await doors.close()
    return end
  })
  releaseState()
  release()
}

/** One lock for the states of all: a lock each would take a program each. */
function takeStateFolder(folder: string): () => void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new FileProblem(error, folder, 'the state folder', { cannotBe: 'created' })
  }
  const lock = LockFile.take(join(folder, 'lock'), FILES.lock, 0o600)
  const release = (): void => lock.release()
  process.once('exit', release)
  return release
}

function tellChange(change: Readonly<Record<'came' | 'changed' | 'gone', readonly string[]>>, log: OpenLog): void {
  const words = Object.entries(change).filter(([, names]) => names.length > 0)
  if (words.length === 0) return
  const texts = words.map(([what, names]) => `${names.length} ${what} (${namesIn(names)})`)
  log.info(`PBXs to follow: ${texts.join(', ')}`)
}
