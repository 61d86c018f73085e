import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { Asterisk } from './asterisk.ts'
import { CERTIFIED_NAME } from './certificate.ts'
import { chosenForAll } from './choice.ts'
import { Daemon } from './daemon.ts'
import type { Flow } from './flow.ts'
import { outboundCall, supportCall, talk } from './flows/beginnings.ts'
import { flowNamed } from './flows/index.ts'
import { isOfAsteriskItself } from './lane-lines.ts'
import { lanes } from './lanes.ts'
import { seconds, until } from './patience.ts'
import { QueueLogFile } from './queue-log-file.ts'
import { dumpFile, Run, type RunOptions } from './run.ts'
import { assertAllAccountedFor, assertEndsClean, assertReplays } from './run-checks.ts'
import { playFlow } from './run-flow.ts'
import { type ServerEntry, users } from './servers.ts'
import { Stage } from './stage.ts'

/** One of each family: what they say must not depend on how a server is set up. */
const sample = [
  'queue_hold',
  'local_hold',
  'park_retrieve',
  'out_local_chain',
  'out_busy',
  'click_direct',
  'hotdesk_call',
].map(flowNamed)

/** Plays the sample, and checks everything that there is to check. */
async function playSample(entry: ServerEntry, label: string, options: RunOptions): Promise<string[]> {
  const run = await Run.open(entry, label, options)
  try {
    await run.playAll(sample)
    const ours = assertAllAccountedFor(run)
    await assertReplays(run, ours)
    await assertEndsClean(run)
    return ours
  } finally {
    await run.close()
  }
}

const servers = chosenForAll()

describe('scenarios', { concurrency: servers.length }, () => {
  for (const entry of servers) {
    // One after the other: each starts the server anew.
    describe(entry.name, { concurrency: 1 }, () => {
      test(`core restart now in the middle of calls on ${entry.name}: they are closed once, and new ones are tracked`, () =>
        restartDuringCalls(entry))
      test(`logger rotate in the middle of a hold on ${entry.name}: its end is in the new file`, () => rotate(entry))
      test(`a wrong secret is told once by ${entry.name}, and ends the daemon with 3`, () => wrongSecret(entry))
      test(`without write=agent on ${entry.name} the error names the line in manager.conf`, () => weakUser(entry))
      test(`each list action is permitted on ${entry.name} by the class of write that is documented`, () =>
        privileges(entry))
      test(`TLS to ${entry.name}: calls are tracked`, async () => {
        await playSample(entry, 'tls', { daemon: (server) => tls(server, CERTIFIED_NAME) })
      })
      test(`TLS to ${entry.name}: a certificate for another name is refused`, () => wrongName(entry))
      test(`timestampevents=no on ${entry.name} gives the same lines`, async () => {
        await playSample(entry, 'no-timestamps', { variations: { timestamps: false } })
      })
      test(`without any class of music on ${entry.name} the holds are the same`, async () => {
        await playSample(entry, 'no-music', { variations: { music: false } })
      })
      test(`a systemname on ${entry.name} stands in every callid`, async () => {
        const ours = await playSample(entry, 'systemname', { variations: { systemName: 'pbx1' } })
        const callids = ours.map((line) => line.split('|')[1] ?? '').filter((callid) => callid !== 'MANAGER')
        for (const callid of callids) assert.match(callid, /^:?pbx1-\d+\.\d+$/)
        assert.ok(callids.some((callid) => callid.startsWith(':')) && callids.some((callid) => !callid.startsWith(':')))
      })
    })
  }
})

async function restartDuringCalls(entry: ServerEntry): Promise<void> {
  const run = await Run.open(entry, 'restart')
  const [, one, two] = lanes
  assert.ok(one && two)
  const stages = [one, two].map((lane) => new Stage(lane, entry, run.ami, run.channels))
  try {
    const [first, second] = stages
    assert.ok(first && second)
    const { call } = await supportCall(first)
    await call.hold()
    await outboundCall(second)
    assert.equal((await run.daemon.openCalls()).length, 2, 'calls that are open before')
    const said = run.daemon.messages().length
    const before = run.queueLog.lines().length
    await run.restart()
    await run.daemon.says(/no other ami-track writes the queue_log/, said)
    for (const stage of stages) stage.abandon()
    assert.deepEqual(await run.daemon.openCalls(), [], 'calls of before the restart')
    const started = run.queueLog.lines().findLastIndex((line) => line.includes('QUEUESTART'))
    assert.ok(started >= before, 'the server has started anew')
    // Asterisk takes no line any more once it stops: the new one has to. Only of one that it may have taken nobody knows.
    const closing = (): string[] =>
      run.queueLog
        .lines()
        .slice(before)
        .filter((line) => /^\d+\|(:|MANAGER\|q-)/.test(line))
    const inDoubt = (): number =>
      run.daemon
        .messages()
        .filter((text) => /before Asterisk answered, so it is unknown whether it wrote \d+\|(:|MANAGER\|q-)/.test(text))
        .length
    await until(() => closing().length + inDoubt() >= 2, 'the outbound call to be closed')
    const verbs = closing().map((line) => line.split('|')[4])
    assert.equal(new Set(verbs).size, verbs.length, verbs.join())
    for (const verb of verbs) assert.match(verb ?? '', /^(COMPLETEAGENT|COMPLETECALLER|REMOVEMEMBER)$/)
    const after = run.queueLog.lines().length
    const others = run.queueLog
      .lines()
      .slice(started)
      .filter((line) => !closing().includes(line))
    assert.deepEqual(
      others.filter((line) => !isOfAsteriskItself(line)),
      [],
    )
    await run.playAll(sample)
    assertAllAccountedFor(run, after)
    assert.deepEqual(await run.daemon.openCalls(), [])
    assert.equal(await run.daemon.stop(), 0)
  } finally {
    for (const stage of stages) stage.abandon()
    await run.close()
  }
}

async function rotate(entry: ServerEntry): Promise<void> {
  const run = await Run.open(entry, 'rotate')
  let atRotation = 0
  const held: Flow = {
    ...flowNamed('queue_hold_caller_hangs'),
    name: 'rotated',
    play: async (stage) => {
      const { caller, call } = await supportCall(stage)
      await call.hold()
      await seconds(1)
      await run.server.cli('logger rotate')
      atRotation = run.queueLog.lines().length
      await call.resume()
      await talk()
      await caller.hangUp()
    },
    lines: `
    {caller}|support|NONE|ENTERQUEUE||5551000|1
    {caller}|support|{agent}|CONNECT|#wait|{leg}|#
    + {caller}|support|{agent}|CALLERONHOLD|
    + {caller}|support|{agent}|CALLEROFFHOLD|
    {caller}|support|{agent}|COMPLETECALLER|#wait|#|1
    `,
  }
  try {
    await run.play(held)
    const newFile = new QueueLogFile(run.server.queueLogFile)
    const lines = newFile.lines()
    newFile.close()
    assert.match(lines[0] ?? '', /CONFIGRELOAD/)
    assert.ok(atRotation > 0 && lines.some((line) => line.includes('CALLEROFFHOLD')), lines.join('\n'))
    await assertReplays(run, assertAllAccountedFor(run))
    await assertEndsClean(run)
  } finally {
    await run.close()
  }
}

async function wrongSecret(entry: ServerEntry): Promise<void> {
  const server = await Asterisk.start(entry)
  try {
    const user = { ...users.tracker, secret: 'wr0ng-s3cret' }
    const daemon = Daemon.start({ port: entry.ports.ami, debugFile: dumpFile(entry, 'wrong-secret'), user })
    assert.equal(await daemon.exited(), 3)
    assert.equal(daemon.messages('error', 'fatal').length, 1, daemon.output)
    assert.match(daemon.messages('error')[0] ?? '', /tracker/)
    for (const secret of [user.secret, users.tracker.secret]) assert.ok(!daemon.output.includes(secret), daemon.output)
  } finally {
    await server.stop()
  }
}

async function weakUser(entry: ServerEntry): Promise<void> {
  const run = await Run.open(entry, 'weak', { daemon: () => ({ user: users.weak }) })
  try {
    const [, lane] = lanes
    assert.ok(lane)
    // Only Asterisk's own lines are there.
    await playFlow(flowNamed('queue_hold'), lane, run, false)
    const errors = run.daemon.messages('error')
    assert.equal(errors.length, 1, run.daemon.output)
    assert.match(errors[0] ?? '', /Add "agent" to the write line of \[weak\] in manager\.conf/)
    assert.equal(await run.daemon.stop(), 0)
  } finally {
    await run.close()
  }
}

/** Without a privilege, a daemon tells which lists it lacks: those are the ones that are refused. */
async function privileges(entry: ServerEntry): Promise<void> {
  const server = await Asterisk.start(entry)
  const refusedTo = async (user: { name: string; secret: string }): Promise<string[]> => {
    const ami = await server.connect(undefined, user)
    const refused: string[] = []
    for (const name of ['CoreStatus', 'CoreShowChannels', 'BridgeList', 'Status', 'ParkedCalls', 'QueueStatus']) {
      await ami.action(name).catch((error: Error) => {
        assert.match(error.message, /Permission denied/)
        refused.push(name)
      })
    }
    ami.close()
    return refused
  }
  try {
    assert.deepEqual(await refusedTo(users.tracker), [])
    assert.deepEqual(await refusedTo(users.reportingOnly), ['ParkedCalls'])
    assert.deepEqual(await refusedTo(users.callOnly), ['CoreStatus', 'CoreShowChannels'])
    assert.deepEqual(await refusedTo(users.agentOnly), ['CoreStatus', 'CoreShowChannels', 'Status', 'ParkedCalls'])
  } finally {
    await server.stop()
  }
}

function tls({ entry, certificateFile }: Asterisk, name: string) {
  const more = ['--tls', '1', '--tls-ca', certificateFile, '--tls-servername', name]
  return { port: entry.ports.amiTls, more }
}

async function wrongName(entry: ServerEntry): Promise<void> {
  const server = await Asterisk.start(entry)
  const debugFile = dumpFile(entry, 'wrong-name')
  const daemon = Daemon.start({ debugFile, ...tls(server, 'other.lab') })
  try {
    await daemon.says(/its certificate is for another name/)
    assert.ok(!/connected to Asterisk/.test(daemon.output), daemon.output)
    assert.ok(!daemon.output.includes(users.tracker.secret), daemon.output)
  } finally {
    await daemon.stop()
    await server.stop()
  }
}
