import { strict as assert } from 'node:assert'
import { after, before, describe, it } from 'node:test'
import { Kvm } from '@nats-io/kv'
import { until } from '../ship/shipping.ts'
import type { FakeAsterisk } from '../support/fake-asterisk.ts'
import { heldCall } from '../support/held-call.ts'
import type { LiveProgram } from '../support/live-program.ts'
import { FleetStage, followersAt } from './fleet-stage.ts'

const PBXS = ['east', 'north', 'south', 'west']

/** Each PBX has these two members, and no other. */
async function untilFollowedBy(stage: FleetStage, ...members: LiveProgram[]): Promise<void> {
  const pids = members.map(({ pid }) => pid)
  const isFollowed = (server: FakeAsterisk): boolean => {
    const followers = followersAt(server)
    return followers.length === Math.min(2, pids.length) && followers.every((pid) => pids.includes(pid))
  }
  await until(() => [...stage.pbxs.values()].every(isFollowed), 30_000)
}

/** Somebody writes the lines of every PBX. */
async function untilWritten(stage: FleetStage, call: number): Promise<void> {
  for (const server of stage.pbxs.values()) server.send(heldCall(call))
  await until(() => [...stage.pbxs.values()].every((server) => linesOf(server, call).length > 0))
  for (const server of stage.pbxs.values()) assert.equal(linesOf(server, call).length, 1)
}

function linesOf(server: FakeAsterisk, call: number): string[] {
  return server.queueLog.filter((line) => line.includes(`|queue-${call}|`))
}

describe('a fleet', () => {
  let stage: FleetStage
  let members: Record<'a' | 'b' | 'c', LiveProgram>
  before(async () => {
    stage = await FleetStage.open(PBXS)
  })
  after(async () => {
    const lines = [...stage.pbxs.values()].flatMap((server) => server.queueLog.map((line) => `${server.port} ${line}`))
    await stage.close()
    assert.equal(new Set(lines).size, lines.length, 'a line was written twice')
  })

  it('has the PBXs that are put into its bucket, with what is common to all', async () => {
    const { stdout, stderr, codes } = await stage.fleet('list').text('')
    assert.deepEqual([stderr, codes.at(-1)], ['', 0])
    assert.deepEqual(
      stdout.trimEnd().split('\n'),
      PBXS.map((name) => `${name.padEnd(5)}  127.0.0.1:${stage.pbx(name).port}`),
    )
    assert.equal((await stage.fleet('get', 'defaults').text('')).stdout, 'AMIUSER=tracker\n')
    const missing = await stage.fleet('get', 'nowhere').text('')
    assert.match(missing.stderr, /has no PBX nowhere/)
    assert.equal(missing.codes.at(-1), 1)
  })

  it('takes no secret, no setting of a process and none that is wrong', async () => {
    for (const [text, expected] of [
      [
        'AMISECRET=tr4ck\n',
        /^ami-track: stdin: AMISECRET is not allowed here: everyone who can read the bucket could read it/,
      ],
      ['# AMISECRET=tr4ck\n', /AMISECRET is not allowed here/],
      ['AMISECRET=tr4ck\nAMISECRET=\n', /AMISECRET is not allowed here/],
      ['QUEUELOG=/tmp/lines\n', /QUEUELOG is not possible in a fleet: two members follow each PBX/],
      ['METRICS=9464\n', /METRICS belongs to the process of a member/],
      ['AMIPORT=x\n', /AMIPORT: --port takes a whole number/],
      ['what is this\n', /does not have the form KEY=value/],
      ['ENABLEMUSIC=1\n', /ENABLEMUSIC is unknown and has no effect/],
    ] as const) {
      const { stderr, codes } = await stage.fleet('put', 'wrong', '-').text(text)
      assert.match(stderr, expected)
      assert.ok(!stderr.includes('tr4ck'))
      assert.equal(codes.at(-1), 2)
    }
    const { stderr } = await stage.fleet('put', 'a..b', '-').text('')
    assert.match(stderr, /"a\.\.b" is not a name of a PBX/)
  })

  it('follows each PBX by two members, of which one writes', async () => {
    members = { a: stage.member('a'), b: stage.member('b'), c: stage.member('c') }
    await members.a.untilLog(/members of the fleet: a, b, c/)
    await until(() => [...stage.pbxs.values()].every((server) => followersAt(server).length === 2), 30_000)
    await untilWritten(stage, 1)
    // Who had a PBX alone hands it over first.
    await until(async () => {
      const { stdout } = await stage.fleet('members', '--json').text('')
      const rows = stdout
        .trimEnd()
        .split('\n')
        .map((line): { name: string; pbxs: number } => JSON.parse(line))
      assert.deepEqual(
        rows.map(({ name }) => name),
        ['a', 'b', 'c'],
      )
      return rows.reduce((sum, { pbxs }) => sum + pbxs, 0) === 2 * PBXS.length
    })
  })

  it('goes on where a member is killed, by the other one and then by two again', async () => {
    members.c.signal('SIGKILL')
    await untilFollowedBy(stage, members.a, members.b)
    await untilWritten(stage, 2)
  })

  it('moves PBXs to a member that comes, and back where it leaves', async () => {
    members.c = stage.member('c')
    await members.a.untilLog(/members of the fleet: a, b, c/)
    await until(() => [...stage.pbxs.values()].some((server) => followersAt(server).includes(members.c.pid)), 30_000)
    await until(() => [...stage.pbxs.values()].every((server) => followersAt(server).length === 2), 30_000)
    await untilWritten(stage, 3)
    assert.equal(await members.c.stop(), 0)
    await untilFollowedBy(stage, members.a, members.b)
    await untilWritten(stage, 4)
  })

  it('takes up a PBX that is put, and leaves one that is removed', async () => {
    const server = await stage.addPbx('new')
    await stage.fleet('put', 'new', '-').text(`AMIPORT=${server.port}\n`)
    await until(() => followersAt(server).length === 2, 30_000)
    await untilWritten(stage, 5)
    await stage.fleet('remove', 'new').text('')
    await until(() => server.loggedIn.length === 0, 30_000)
    stage.pbxs.delete('new')
    await server.stop()
  })

  it('leaves out what another program has put into the bucket under a name that is a path', async () => {
    const connection = await stage.nats.connect()
    const bucket = await new Kvm(connection).open('PBXS')
    await bucket.put('pbx/a/b', 'AMIPORT=1\n')
    await members.a.untilLog(/"a\/b" in the bucket PBXS is skipped: a name is up to 64 letters/)
    await connection.close()
  })

  it('takes no second process of a name that is alive', async () => {
    const second = stage.member('a', { state: 'other' })
    assert.equal(await second.ended, 1)
    assert.match(
      second.stderr,
      /another member of \S+ already has the name a \(on \S+, process \d+\): give .* --member/,
    )
  })

  it('goes on with what it has where the bus is away, and takes up what has changed when it is back', async () => {
    await stage.nats.killNode(0)
    await members.a.untilLog(
      /the NATS servers of the fleet do not answer .*: until it does, this member continues with the PBXs that it has/,
    )
    await untilWritten(stage, 6)
    members.b.signal('SIGKILL')
    await until(() => [...stage.pbxs.values()].every((server) => followersAt(server).length === 1), 30_000)
    stage.nats.startNode(0)
    members.b = stage.member('b')
    await untilFollowedBy(stage, members.a, members.b)
    await untilWritten(stage, 7)
  })

  it('of which all members start while the bus is away goes on with what they followed last', async () => {
    await stage.nats.killNode(0)
    for (const name of ['a', 'b'] as const) {
      members[name].signal('SIGKILL')
      await members[name].ended
      members[name] = stage.member(name)
    }
    for (const member of [members.a, members.b]) {
      await member.untilLog(/until the bus answers, this member follows the 4 PBXs that it followed last/)
    }
    await untilFollowedBy(stage, members.a, members.b)
    await untilWritten(stage, 8)
    stage.nats.startNode(0)
    await until(async () => (await stage.fleet('remove', 'west').text('')).codes.at(-1) === 0, 30_000)
    const west = stage.pbx('west')
    await until(() => west.loggedIn.length === 0, 30_000)
    stage.pbxs.delete('west')
    await untilWritten(stage, 9)
    await west.stop()
  })
})
