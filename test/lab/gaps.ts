import { strict as assert } from 'node:assert'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Daemon } from './daemon.ts'
import type { Disturbance } from './gap.ts'
import { Link } from './link.ts'
import { seconds } from './patience.ts'
import { Run } from './run.ts'
import { assertAllAccountedFor, assertEndsClean, assertReplays } from './run-checks.ts'
import { labFolder, type ServerEntry } from './servers.ts'

/** So long a link is out of order, whatever happens meanwhile: in s. */
const OUTAGE_S = 5

/** A run whose daemon is disturbed in the middle of its calls. */
export interface DisturbedRun {
  run: Run
  disturbance: Disturbance
  /** Checks what is there after all calls. */
  assertEnd(): Promise<void>
  close(): Promise<void>
}

/** The daemon is killed and started again; its lines go through Asterisk, whose queue_log it can read. */
export async function killed(entry: ServerEntry): Promise<DisturbedRun> {
  const state = newStateFolder(entry, 'killed')
  const run = await Run.open(entry, 'killed', {
    daemon: ({ queueLogFile }) => ({ more: ['--state', state, '--queuelog-tail', queueLogFile] }),
  })
  const assertEnd = async (): Promise<void> => {
    assertAllAccountedFor(run)
    await assertEndsClean(run)
  }
  return { run, disturbance: killing(run), assertEnd, close: () => run.close() }
}

/** The same, and again once it is back; its lines go into a file. */
export async function killedTwiceWithFile(entry: ServerEntry): Promise<DisturbedRun> {
  const state = newStateFolder(entry, 'killed-file')
  const ownFile = join(state, 'queue_log')
  const run = await Run.open(entry, 'killed-file', { daemon: () => ({ more: ['--state', state] }), ownFile })
  const assertEnd = async (): Promise<void> => {
    const ours = assertAllAccountedFor(run)
    assert.deepEqual(readFileSync(ownFile, 'latin1').trimEnd().split('\n'), ours, 'our lines, in a file of their own')
    await assertEndsClean(run)
  }
  const { begin, end } = killing(run)
  const twice = async (): Promise<void> => {
    await end()
    await begin()
    await end()
  }
  return { run, disturbance: { begin, end: twice }, assertEnd, close: () => run.close() }
}

/** Nothing passes between the daemon and Asterisk, and then all that waited. */
export async function frozen(entry: ServerEntry): Promise<DisturbedRun> {
  const { run, link, close } = await linked(entry, 'frozen')
  let enough = Promise.resolve()
  const disturbance: Disturbance = {
    begin: async () => {
      link.freeze()
      enough = seconds(OUTAGE_S)
    },
    end: async () => {
      await enough
      link.thaw()
    },
  }
  const assertEnd = async (): Promise<void> => {
    await assertReplays(run, assertAllAccountedFor(run))
    assert.equal(run.resynchronisations, 1, 'how often the daemon has connected')
    await assertEndsClean(run)
  }
  return { run, disturbance, assertEnd, close }
}

/** The connection is lost, and refused for a while: no event of that time ever comes. */
export async function cut(entry: ServerEntry): Promise<DisturbedRun> {
  const { run, link, close } = await linked(entry, 'cut')
  let enough = Promise.resolve()
  let before = 0
  const disturbance: Disturbance = {
    begin: async () => {
      // What is on its way when the connection is lost is lost with it.
      await run.daemon.settled()
      before = run.resynchronisations
      await link.cut()
      enough = seconds(OUTAGE_S)
    },
    end: async () => {
      await enough
      await link.mend()
      await run.resynchronised(before + 1)
    },
  }
  const assertEnd = async (): Promise<void> => {
    await assertReplays(run, assertAllAccountedFor(run))
    const isOfLink = (text: string): boolean =>
      /^(lost the connection to Asterisk|no connection to Asterisk): /.test(text)
    await assertEndsClean(run, isOfLink)
  }
  return { run, disturbance, assertEnd, close }
}

/** The daemon is killed, and one that stood by goes on in its place. */
export async function takenOver(entry: ServerEntry): Promise<DisturbedRun> {
  const run = await Run.open(entry, 'taken-over')
  const others: Daemon[] = []
  const startOther = async (): Promise<void> => {
    others.push(await run.startAnother(`taken-over-${others.length + 1}`))
  }
  const close = async (): Promise<void> => {
    for (const other of others) await other.stop()
    await run.close()
  }
  try {
    await startOther()
  } catch (error) {
    await close()
    throw error
  }
  const disturbance: Disturbance = {
    begin: () => run.daemon.kill(),
    end: async () => {
      run.daemon = others.at(-1) as Daemon
      await run.daemon.says(/this one writes now/)
      await startOther()
    },
  }
  const assertEnd = async (): Promise<void> => {
    assertAllAccountedFor(run)
    assert.deepEqual(await others.at(-1)?.openCalls(), [], 'open calls of the one that stands by')
    assert.equal(await others.at(-1)?.stop(), 0)
    await assertEndsClean(run, (text) => /^another ami-track, on |^ami-track on .* gives no sign of life/.test(text))
  }
  return { run, disturbance, assertEnd, close }
}

function killing(run: Run): Disturbance {
  return { begin: () => run.daemon.kill(), end: () => run.startDaemon() }
}

/** A run whose daemon reaches Asterisk over a link. */
async function linked(
  entry: ServerEntry,
  label: string,
): Promise<{ run: Run; link: Link; close: () => Promise<void> }> {
  const link = await Link.open(entry.ports.link, entry.ports.ami)
  try {
    const run = await Run.open(entry, label, { daemon: () => ({ port: entry.ports.link }) })
    const close = async (): Promise<void> => {
      link.thaw()
      await run.close()
      await link.cut()
    }
    return { run, link, close }
  } catch (error) {
    await link.cut()
    throw error
  }
}

function newStateFolder({ name }: ServerEntry, label: string): string {
  const folder = join(labFolder, 'state', `${name}-${label}`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  return folder
}
