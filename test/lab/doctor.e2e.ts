import { strict as assert } from 'node:assert'
import { appendFileSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Finding } from '../../lib/doctor/finding.ts'
import { root } from '../support/package.ts'
import { runPipe } from '../support/programs.ts'
import { Asterisk } from './asterisk.ts'
import { chosenForAll } from './choice.ts'
import { DATABASE, type ManagerUser, type Variations } from './config/files.ts'
import { Daemon, TRACKING } from './daemon.ts'
import { dumpFile } from './run.ts'
import { type ServerEntry, users } from './servers.ts'

const servers = chosenForAll()

const { tracker } = users
const READ = tracker.read.split(',')
const WRITE = tracker.write.split(',')

/** A user who has all that is documented but for one thing. */
function faulty(name: string, otherwise: Partial<ManagerUser>): ManagerUser {
  return { ...tracker, writetimeout: 10_000, name, secret: `${name}-s3cret`, ...otherwise }
}

const withoutRead = (privilege: string): ManagerUser =>
  faulty(`reads-no-${privilege}`, { read: READ.filter((name) => name !== privilege).join(',') })
const withoutWrite = (privilege: string): ManagerUser =>
  faulty(`writes-no-${privilege}`, { write: WRITE.filter((name) => name !== privilege).join(',') })

const elsewhere = faulty('elsewhere', { permit: '192.0.2.1/255.255.255.255' })
const { writetimeout: _, ...impatient } = faulty('impatient', {})
const spacious = faulty('spacious', { read: 'system,user,call, agent' })
const alone = faulty('alone', { isAlone: true })
const faultyUsers = [...READ.map(withoutRead), ...WRITE.map(withoutWrite), elsewhere, impatient, spacious, alone]

interface Examination {
  user?: { name: string; secret: string }
  port?: number
  more?: readonly string[]
}

/** What doctor finds; secrets never stand in it. */
async function examined(server: Asterisk, { user = tracker, port, more = [] }: Examination) {
  const tail = more.includes('--queuelog-tail') ? [] : ['--queuelog-tail', server.queueLogFile]
  const { ports } = server.entry
  const options = ['--port', String(port ?? ports.ami), '--login', user.name, ...TRACKING, ...tail, ...more]
  const program = join(root, 'bin/ami-track')
  const { stdout, stderr, codes } = await runPipe([
    ['env', `AMISECRET=${user.secret}`, program, 'doctor', '--json', ...options],
  ])
  for (const secret of [user.secret, tracker.secret]) assert.ok(!`${stdout}${stderr}`.includes(secret), stdout)
  assert.equal(stderr, '')
  const findings = stdout
    .trimEnd()
    .split('\n')
    .map((line): Finding => JSON.parse(line))
  return { findings, code: codes[0] }
}

/** A single thing is wrong, and nothing else; its remedy is told. */
async function findsOnly(server: Asterisk, examination: Examination, check: string, remedy: RegExp): Promise<void> {
  const { findings, code } = await examined(server, examination)
  const wrong = findings.filter(({ state }) => state === 'wrong')
  const told = JSON.stringify(findings, undefined, 1)
  assert.deepEqual(
    wrong.map((finding) => finding.check),
    [check],
    told,
  )
  assert.match(wrong[0]?.remedy ?? '', remedy)
  assert.equal(code, 1)
}

async function withServer(
  entry: ServerEntry,
  variations: Variations,
  use: (server: Asterisk) => Promise<void>,
): Promise<void> {
  const server = await Asterisk.start(entry, variations)
  try {
    await use(server)
  } finally {
    await server.stop()
  }
}

describe('ami-track doctor', { concurrency: servers.length }, () => {
  for (const entry of servers) {
    // One after the other: each starts the server anew.
    describe(entry.name, { concurrency: 1 }, () => {
      describe('a server that is set up as documented', { concurrency: 1 }, () => onOneServer(entry))
      test(`queue_log = no on ${entry.name} is found, though Asterisk takes every line`, () =>
        withServer(entry, { queueLog: false }, (server) =>
          findsOnly(server, {}, 'queue_log', /queue_log = yes in \[general\] of logger\.conf/),
        ))
      test(`a realtime queue_log on ${entry.name} whose table lacks columns is found`, () =>
        withServer(entry, { realtimeQueueLog: `sqlite3,${DATABASE},queue_log` }, (server) =>
          findsOnly(server, {}, 'queue_log', /the table has the columns time, callid/),
        ))
      test(`such a table on ${entry.name} is found also beside a file that is written`, () =>
        withServer(entry, { realtimeQueueLog: `sqlite3,${DATABASE},queue_log`, queueLogToFile: true }, (server) =>
          findsOnly(server, {}, 'realtime queue_log', /the table has the columns time, callid/),
        ))
      test(`an event of trackers that ${entry.name} keeps for all users is found`, () =>
        withServer(entry, { disabledEvents: 'TestEvent,MusicOnHoldStart' }, (server) =>
          findsOnly(server, {}, 'event filters', /remove it from disabledevents/),
        ))
      test(`timestampevents = no on ${entry.name} is worth a note on the same machine`, () =>
        withServer(entry, { timestamps: false }, async (server) => {
          const { findings, code } = await examined(server, {})
          assert.equal(findings.find(({ check }) => check === 'timestampevents')?.state, 'note')
          assert.equal(code, 0)
        }))
    })
  }
})

function onOneServer(entry: ServerEntry): void {
  let server: Asterisk
  const folder = mkdtempSync(join(tmpdir(), 'ami-track-doctor-'))
  before(async () => {
    server = await Asterisk.start(entry, { users: faultyUsers })
  })
  after(async () => {
    await server?.stop()
    rmSync(folder, { recursive: true })
  })

  test(`nothing is wrong with ${entry.name} itself, and its parking lots are named`, async () => {
    const { findings, code } = await examined(server, {})
    const others = findings.filter(({ state }) => state !== 'ok')
    assert.deepEqual(
      others.map(({ check, state }) => [check, state]),
      [
        // The members of a realtime queue have names.
        ['agent names', 'note'],
        ['parking lots', 'note'],
      ],
    )
    assert.match(others[1]?.finding ?? '', /\bdefault as pk-default\b/)
    assert.equal(code, 0)
  })

  test(`--write 0 leaves queue_log of ${entry.name} as it is`, async () => {
    const before = readFileSync(server.queueLogFile, 'latin1')
    const { code } = await examined(server, { more: ['--write', '0'] })
    assert.equal(code, 0)
    assert.equal(readFileSync(server.queueLogFile, 'latin1'), before)
  })

  describe('one thing that is wrong is found, and nothing else', { concurrency: 3 }, () => {
    const finds = (title: string, examination: () => Examination, check: string, remedy: RegExp): void => {
      test(`${title} (${entry.name})`, () => findsOnly(server, examination(), check, remedy))
    }
    finds('nobody listens', () => ({ port: entry.ports.link }), 'connection', /check that Asterisk runs/)
    finds('the port is the one with TLS', () => ({ port: entry.ports.amiTls }), 'connection', /--tls 1/)
    finds('the port is one without TLS', () => ({ more: ['--tls', '1'] }), 'connection', /tlsbindaddr/)
    finds('a wrong secret', () => ({ user: { ...tracker, secret: 'wr0ng' } }), 'login', /\[tracker\] in manager\.conf/)
    finds('a host that is not permitted', () => ({ user: elsewhere }), 'login', /permit and deny lines/)
    for (const privilege of READ) {
      const user = withoutRead(privilege)
      const remedy = new RegExp(`add ${privilege} to the line read = … of \\[${user.name}\\]`)
      finds(`read without ${privilege}`, () => ({ user }), `read ${privilege}`, remedy)
    }
    finds('read with a blank', () => ({ user: spacious }), 'read agent', /without a blank before or after it/)
    for (const privilege of WRITE) {
      const user = withoutWrite(privilege)
      const remedy = new RegExp(`add ${privilege} to the line write = … of \\[${user.name}\\]`)
      finds(`write without ${privilege}`, () => ({ user }), `write ${privilege}`, remedy)
    }
    finds(
      'the default writetimeout',
      () => ({ user: impatient }),
      'writetimeout',
      /writetimeout = 10000 in \[impatient\]/,
    )
    finds(
      'a queue_log that is not the one which Asterisk writes',
      () => {
        const other = join(folder, 'queue_log')
        appendFileSync(other, '1795373363|NONE|NONE|NONE|QUEUESTART|\n')
        return { more: ['--queuelog-tail', other] }
      },
      'queue_log',
      /by its configuration: \/var\/log\/asterisk\/queue_log/,
    )
    finds(
      'a queue_log that cannot be read',
      () => ({ more: ['--queuelog-tail', join(folder, 'none')] }),
      'queue_log',
      /--queuelog-tail/,
    )
    finds(
      'a file for the lines that cannot be written',
      () => ({ more: ['--queuelog', join(folder, 'none/queue_log')] }),
      'queuelog file',
      /--queuelog/,
    )
  })

  test(`a queue_log of ${entry.name} that was moved away without a word to Asterisk is found`, async () => {
    const { queueLogFile } = server
    renameSync(queueLogFile, `${queueLogFile}.moved`)
    writeFileSync(queueLogFile, '')
    try {
      await findsOnly(server, {}, 'queue_log', /logger rotate/)
    } finally {
      renameSync(`${queueLogFile}.moved`, queueLogFile)
    }
  })

  test(`a Local member of ${entry.name} that names no phone is found`, async () => {
    const ami = await server.connect()
    const member = { Queue: 'support', Interface: 'Local/1001@from-queue' }
    try {
      await ami.action('QueueAdd', { ...member, MemberName: 'Ann' })
      await findsOnly(server, {}, 'Local members', /StateInterface/)
      await ami.action('QueueRemove', member)
      await ami.action('QueueAdd', { ...member, MemberName: 'Ann', StateInterface: 'PJSIP/1001' })
      assert.equal((await examined(server, {})).code, 0)
    } finally {
      await ami.action('QueueRemove', member)
      ami.close()
    }
  })

  test(`another ami-track on ${entry.name} is named, and wrong only where ours is not to stand by`, async () => {
    const daemon = await Daemon.connected({ port: entry.ports.ami, debugFile: dumpFile(entry, 'doctor') })
    try {
      const { findings, code } = await examined(server, {})
      const other = findings.find(({ check }) => check === 'other trackers')
      assert.equal(other?.state, 'note')
      assert.match(other?.finding ?? '', /, process \d+ writes the queue_log of this PBX/)
      assert.equal(code, 0)
      await findsOnly(server, { more: ['--standby', '0'] }, 'other trackers', /--standby 1/)
    } finally {
      assert.equal(await daemon.stop(), 0)
    }
  })

  test(`a user of ${entry.name} who may log in but once, and is, is told what to do`, async () => {
    const ami = await server.connect(undefined, alone)
    try {
      await findsOnly(server, { user: alone }, 'login', /allowmultiplelogin = no .* of \[alone\]/)
    } finally {
      ami.close()
    }
  })

  test(`somebody else who is logged in to ${entry.name} as the same user is noticed`, async () => {
    const ami = await server.connect(undefined, tracker)
    try {
      const { findings, code } = await examined(server, {})
      assert.match(findings.find(({ check }) => check === 'sessions')?.finding ?? '', /^1 other session of \[tracker\]/)
      assert.equal(code, 0)
    } finally {
      ami.close()
    }
  })
}
