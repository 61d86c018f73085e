import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterEach, beforeEach, describe } from 'node:test'
import { gzipSync } from 'node:zlib'
import { commandsOf } from '../boot/page.ts'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { whyMissing } from '../support/example-filters.ts'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { fixture } from '../support/fixtures.ts'
import { freePort } from '../support/free-port.ts'
import { LiveProgram } from '../support/live-program.ts'
import { root } from '../support/package.ts'
import { sampledIt } from '../support/sample.ts'
import { commandsIn } from './page-commands.ts'

const it = sampledIt(2)

const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `docs/${name}`),
]

const booted = new Set([
  ...commandsOf('install.md', '### On Debian, step by step'),
  'cp /etc/sysconfig/unitracker /etc/default/ami-track',
])

/** What needs root, a PBX, a package, a database or a terminal, and the suite that runs it. */
const elsewhere: readonly { commands: RegExp; suite: string }[] = [
  { commands: /^dpkg (--force-confold -i|--remove) /, suite: 'test/boot/service.boot.ts' },
  { commands: /^ami-track --host .* --tls 1 /, suite: 'test/programs/live.test.ts' },
  { commands: /^ami-track doctor --settings \/etc\/ami-track\/pbx$/, suite: 'test/programs/many.test.ts' },
  { commands: /^ami-track top$/, suite: 'test/look/top.terminal.ts' },
  { commands: /^ami-track tap( --agent Jane)?$/, suite: 'test/programs/look.test.ts' },
  { commands: /^ami-connect .* \| my-own-stage \| /, suite: 'test/programs/live.test.ts' },
  { commands: /^ami-track (fleet|--fleet) /, suite: 'test/fleet/fleet.database.ts' },
  { commands: /^qlog-ship .*nats:/, suite: 'test/ship/nats.database.ts' },
  { commands: /^qlog-ship .*(mysql:|main\.conf --check)/, suite: 'test/databases/ship.database.ts' },
  { commands: /^install -d -o ami-track /, suite: 'test/packages/installed.chroot.ts' },
  { commands: /^systemctl enable --now qlog-ship@main$/, suite: 'test/packages/installed.chroot.ts' },
  { commands: /^(usermod -aG|install -m 640 -g) ami-track /, suite: 'test/packages/installed.chroot.ts' },
]

/** What no suite runs: an editor, and somebody else's service. */
const untested: readonly RegExp[] = [/^systemctl edit ami-track$/, /^systemctl disable --now unitracker$/]

const MAKE = /^((?:[A-Z]+=\S+ )*)make( \S+)?((?: [A-Z]+=\S+)*)$/
const DAEMON = /^(?:[A-Z]+='[^']*' )?ami-track (?:--login|--settings) /
const LOOK = /^(?:curl |ami-track status --control )/

const isElsewhere = (command: string): boolean => elsewhere.some(({ commands }) => commands.test(command))
const isRunHere = (command: string): boolean =>
  !booted.has(command) && !isElsewhere(command) && !untested.some((one) => one.test(command)) && !MAKE.test(command)

const SECRET = 'something long'
const file = folderOfEachTest('docs-commands')
const keep = programsOfEachTest()
let ports: Record<string, number>

/** The files that the commands name, in a folder that stands for the machine. */
beforeEach(async () => {
  ports = { 9464: await freePort(), 9465: await freePort() }
  const { amiFile, queueLogFile } = fixture('asterisk-22/queue_hold')
  const outbound = fixture('asterisk-22/out_answered_agent_hangs')
  const dump = Buffer.concat([readFileSync(amiFile), readFileSync(outbound.amiFile)])
  writeFileSync(file('dump.ami'), dump)
  writeFileSync(file('dump.ami.gz'), gzipSync(dump))
  copyFileSync(queueLogFile, file('queue_log'))
  copyFileSync(fixture('asterisk-22/park_retrieve').queueLogFile, file('queue_log.1'))
  for (const folder of ['docs', 'fixtures']) symlinkSync(join(root, folder), file(folder))
  for (const folder of ['etc/default', 'etc/ami-track/pbx', 'run/ami-track', 'var/log', 'var/lib', 'tmp'])
    mkdirSync(file(folder), { recursive: true })
  writeFileSync(file('etc/ami-track.secret'), `${SECRET}\n`)
})

/** The same command in that folder, and with ports that are free. */
const placed = (command: string): string =>
  command
    .replace(/(?<=^|[\s=])\/(?=(?:etc|run|var|tmp)\/)/g, `${file('.')}/`)
    .replace(/\b946[45]\b/g, (port) => String(ports[port]))

function start(command: string): LiveProgram {
  const PATH = [join(root, 'bin'), process.env.PATH].join(delimiter)
  const options = { cwd: file('.'), env: { ...process.env, PATH, AMISECRET: SECRET, TZ: 'UTC' }, detached: true }
  return keep(
    new LiveProgram(spawn('bash', ['-o', 'pipefail', '-c', placed(command)], { ...options, stdio: 'pipe' }), true),
  )
}

const missingFor = (command: string): string | false =>
  (/\bjq\b/.test(command) && whyMissing('jq')) || (/\bpython3\b/.test(command) && whyMissing('python3')) || false

describe('a command of README.md and docs/', () => {
  const all = new Map(pages.flatMap((page) => commandsIn(page).map((command) => [command, page])))

  for (const [command, page] of all) {
    if (!isRunHere(command) || DAEMON.test(command) || LOOK.test(command)) continue
    it(`runs: ${command}, of ${page}`, { skip: missingFor(command) }, async () => {
      writeFileSync(file('etc/default/ami-track'), 'AMIUSER=tracker\n')
      writeFileSync(file('etc/ami-track/pbx/north.conf'), 'AMIUSER=tracker\n')
      const program = start(command)
      assert.equal(await program.ended, 0, program.stderr)
      assert.equal(program.stderr, '')
    })
  }

  it('that is a filter gives the lines that README.md shows, from the recording that it names', async () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8')
    const [, copy, filter, lines = ''] =
      /^ {4}(cp fixtures.*)\n {4}(ami-parse .*)\n\n.*\n\n((?: {4}\d.*\n)+)/m.exec(readme) ?? []
    const program = start(`${copy} && ${filter}`)
    assert.equal(await program.ended, 0)
    const shown = lines.replace(/^ {4}/gm, '')
    assert.match(shown, /HOLD/)
    assert.equal(program.stdout, shown)
  })

  describe('that starts a daemon', () => {
    let server: FakeAsterisk
    beforeEach(async () => {
      server = await FakeAsterisk.start({ secret: SECRET })
      for (const settings of ['etc/ami-track/pbx/north.conf', 'etc/default/ami-track'])
        writeFileSync(file(settings), `AMIUSER=tracker\nAMIPORT=${server.port}\n`)
    })
    afterEach(() => server.stop())

    async function startDaemon(command: string): Promise<LiveProgram> {
      const program = start(command.replace('ami-track --login', `ami-track --port ${server.port} --login`))
      await Promise.race([server.session(), program.ended])
      assert.equal(server.loggedIn.length, 1, program.stderr)
      return program
    }

    for (const [command, page] of all) {
      if (!isRunHere(command) || !DAEMON.test(command)) continue
      it(`logs in, and ends well: ${command}, of ${page}`, async () => {
        const program = await startDaemon(command)
        program.signal('SIGTERM')
        assert.equal(await program.ended, 0, program.stderr)
      })
    }

    it('is followed by commands that ask it', async () => {
      symlinkSync(file('run/ami-track/ami-track.sock'), file('tmp/ami-track.sock'))
      const options = '--metrics 9464 --control /run/ami-track/ami-track.sock'
      const daemon = await startDaemon(`ami-track --login tracker ${options}`)
      const looks = [...all.keys()].filter((command) => LOOK.test(command))
      assert.ok(looks.length >= 4)
      for (const command of looks) {
        const look = start(command.replace('curl ', 'curl -fsS '))
        assert.equal(await look.ended, 0, `${command}: ${look.stderr}`)
        assert.notEqual(look.stdout, '')
      }
      daemon.signal('SIGTERM')
      assert.equal(await daemon.ended, 0)
    })
  })

  it('that is make has a target of the Makefile, and variables that it names', () => {
    const makefile = readFileSync(join(root, 'Makefile'), 'utf8')
    for (const [command, page] of all) {
      const [, before = '', target = ' all', behind = ''] = MAKE.exec(command) ?? []
      if (!MAKE.test(command)) continue
      assert.match(makefile, new RegExp(`^${target.trim()}:`, 'm'), `${page}: ${command}`)
      for (const [, name] of `${before}${behind}`.matchAll(/([A-Z]+)=/g))
        assert.match(makefile, new RegExp(`\\b${name}=|\\$\\(${name}\\)`), `${page}: ${command}`)
    }
  })

  it('that is not run here is run by a suite that there is', () => {
    for (const { commands, suite } of elsewhere) {
      assert.ok(existsSync(join(root, suite)), suite)
      assert.ok(
        [...all.keys()].some((command) => commands.test(command)),
        `no page has ${commands}`,
      )
    }
    for (const one of untested)
      assert.ok(
        [...all.keys()].some((command) => one.test(command)),
        `no page has ${one}`,
      )
  })
})
