import { strict as assert } from 'node:assert'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { helpPages } from '../../packaging/help-pages.ts'
import { commandsOf } from '../boot/page.ts'
import { commandsIn } from '../docs/page-commands.ts'
import { exampleFilters } from '../support/example-filters.ts'
import { allFixtures, fixture, goldenOf } from '../support/fixtures.ts'
import { root } from '../support/package.ts'
import { quoted } from '../support/programs.ts'
import { sampleOf } from '../support/sample.ts'
import { packageFile, programs, version } from './built.ts'
import { FreshDebian } from './fresh-debian.ts'

const pages = helpPages(root, programs)
const everyTracker = '--moh 1 --parkedcalls 1 --outboundcalls 1 --hotdesking 1'
const SETTINGS = '/etc/default/ami-track'
const LOG = '/var/log/ami-track/ami-track.log'

let debian: FreshDebian
let untouched = ''
before(async () => {
  debian = await FreshDebian.unpack('bookworm', ['python3', 'jq', 'logrotate'])
  untouched = files()
})
after(() => debian?.remove())

/** Everything that is there but what apt and dpkg note of their own work. */
function files(): string {
  const notes =
    '-path /proc -o -path /sys -o -path /root -o -path /var/lib/dpkg -o -path /var/cache -o -path /var/log/dpkg.log'
  return debian.output(`find / \\( ${notes} \\) -prune -o -print | sort`)
}

/** The same package with the version after it. */
function nextVersion(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ami-track-next-'))
  after(() => rmSync(folder, { recursive: true }))
  const tree = join(folder, 'tree')
  execFileSync('dpkg-deb', ['--raw-extract', packageFile('_amd64.deb'), tree])
  const control = join(tree, 'DEBIAN/control')
  writeFileSync(control, readFileSync(control, 'utf8').replace(/^Version: .*$/m, `Version: ${version}+next`))
  // Also what it installs for settings is another one, so that dpkg has to choose.
  const settings = join(tree, SETTINGS)
  writeFileSync(settings, `${readFileSync(settings, 'utf8')}# new in this version\n`)
  const file = join(folder, 'next.deb')
  execFileSync('dpkg-deb', ['--root-owner-group', '-Znone', '--build', tree, file], { stdio: 'ignore' })
  return file
}

describe('the .deb for amd64, in a fresh Debian', () => {
  it('installs without anything else, where there is no Node', () => {
    assert.notEqual(debian.run('command -v node').code, 0)
    debian.output(`dpkg --install ${debian.bring(packageFile('_amd64.deb'))}`)
    assert.match(debian.output('dpkg --status ami-track'), /^Status: install ok installed$/m)
    const [, depends = ''] = /^Depends: (.*)$/m.exec(debian.output('dpkg --status ami-track')) ?? []
    const names = depends.split(', ').map((dependency) => dependency.split(' ')[0])
    // glibc and the runtime of the C++ compiler, which apt itself needs.
    assert.deepEqual(names.sort(), ['libc6', 'libgcc-s1', 'libstdc++6'])
  })

  it('has every program, by its name', () => {
    for (const program of programs) {
      assert.equal(debian.output(`${program} --version`), `${program} ${version}\n`)
    }
  })

  it('has a help text and a manual page of each, and of the subcommands that have them', () => {
    for (const { name, command, help } of pages) {
      assert.equal(debian.output(`${command} --help`), help)
      const page = debian.output(`zcat /usr/share/man/man1/${name}.1.gz`)
      assert.ok(page.startsWith(`.TH "${name.toUpperCase().replaceAll('-', '\\-')}" "1"`), name)
    }
    const offered = `. /usr/share/bash-completion/completions/ami-track
      COMP_WORDS=(ami-track explain dump.ami --htm) COMP_CWORD=3
      _ami_track ami-track
      echo "\${COMPREPLY[@]}"`
    assert.equal(debian.output(`bash -c ${quoted([offered])}`), '--html\n')
  })

  it('has the example filters, which give the lines that they promise', () => {
    for (const { command, file, before, behind, recording, lines } of exampleFilters) {
      const filter = quoted([...command, `/usr/share/doc/ami-track/docs/examples/${file}`])
      const dump = readFileSync(fixture(recording).amiFile)
      assert.equal(debian.output([...before, filter, ...behind].join(' | '), dump), lines, file)
    }
  })

  it('replays recordings to their golden files, in one process and in a pipe', () => {
    for (const recording of sampleOf(allFixtures(), 4)) {
      const dump = readFileSync(recording.amiFile)
      const lines = debian.output(`ami-track --replay - ${everyTracker}`, dump)
      assert.equal(lines, goldenOf(recording), recording.name)
    }
    const hold = fixture('asterisk-22/queue_hold')
    const file = debian.bring(hold.amiFile)
    assert.equal(debian.output(`ami-track --replay ${file}`), goldenOf(hold, 'track-moh'))
    assert.equal(debian.output(`ami-parse < ${file} | track-moh | qlog-write`), goldenOf(hold, 'track-moh'))
  })

  it('understands expressions, whose engine is in the executable as well', () => {
    assert.match(debian.output("ami-track regexp '(?i)^sip/' SIP/1-1"), /hidden/)
  })

  it('keeps the settings from others, and makes no file of the service', () => {
    assert.equal(debian.access(SETTINGS), '0640 root:ami-track')
    for (const path of ['/var/log/ami-track', '/var/log/asterisk', '/var/lib/ami-track'])
      assert.ok(!debian.has(path), path)
    assert.equal(debian.access('/etc/ami-track/ship'), '0750 root:ami-track')
    assert.equal(debian.access('/usr/bin/ami-track'), '0755 root:root')
    assert.match(debian.output('getent passwd ami-track'), /:\/usr\/sbin\/nologin$/m)
  })

  it('leaves the service neither enabled nor started', () => {
    assert.ok(debian.has('/usr/lib/systemd/system/ami-track.service'))
    assert.ok(debian.has('/usr/lib/systemd/system/qlog-ship@.service'))
    const own = '-name "*ami-track*" -o -name "qlog-ship*"'
    assert.equal(debian.output(`find /etc/systemd /run/systemd ${own} 2>/dev/null || true`), '')
    assert.equal(debian.output('cat /proc/[0-9]*/comm 2>/dev/null | grep ami-track || true'), '')
  })

  it('has settings that say nothing unknown, and a unit of which systemd thinks well', (t) => {
    const { stdout, stderr } = debian.run(`ami-track settings ${SETTINGS}`)
    assert.match(stdout, /^AMIUSER=tracker$/m)
    assert.equal(stderr, '')
    const units = ['ami-track.service', 'qlog-ship@.service'].map((name) => `/usr/lib/systemd/system/${name}`)
    const { status, error, ...said } = spawnSync('systemd-analyze', [
      'verify',
      '--man=no',
      `--root=${debian.root}`,
      ...units,
    ])
    if (error) return t.skip('systemd-analyze is not here')
    // Two keys came with systemd 254; and a Debian without systemd has none of its units.
    const lines = `${said.stdout}${said.stderr}`.split('\n').filter((line) => /ami-track|qlog-ship/.test(line))
    const wrong = lines.filter(
      (line) => !/Unknown key (name )?'(RestartSteps|RestartMaxDelaySec)'|Unit sysinit.target not found/.test(line),
    )
    assert.deepEqual(wrong, [])
    assert.ok(status !== null)
  })

  it('has no program that root runs, but for the scripts of dpkg', () => {
    assert.equal(debian.output('find /usr/lib/ami-track -type f 2>/dev/null || true'), '')
    assert.doesNotMatch(debian.read('/usr/lib/systemd/system/ami-track.service'), /^Exec\w+=[^/]*[+!]/m)
  })

  it('runs without systemd by the commands of docs/install.md, and is found by status', () => {
    const [folders = '', ...daemon] = commandsOf('install.md', '### From a package, without systemd')
    debian.output(folders)
    const socket = '/run/ami-track/ami-track.sock'
    const { stdout, stderr } = debian.run(`export AMISECRET=secret
      ${daemon.join('\n')} &
      timeout 60 sh -c 'until [ -S ${socket} ]; do sleep 0.1; done'
      stat -c '%U:%G' ${socket} && ami-track status; kill $!; wait $!`)
    assert.match(stdout, /^ami-track:ami-track\nami-track \S+ on 127\.0\.0\.1:5038/, stderr)
    debian.output('rm -r /run/ami-track /var/lib/ami-track /var/log/ami-track')
  })

  it('lets a user look at the daemon, and keeps the token of its page from others, by the commands of docs/live.md', () => {
    const commands = commandsIn('docs/live.md')
    const command = (pattern: RegExp): string => commands.find((one) => pattern.test(one)) ?? `no command ${pattern}`
    debian.output('useradd alice')
    debian.output(command(/^usermod /))
    assert.equal(debian.output('id -nG alice'), 'alice ami-track\n')
    debian.output(command(/^install .*live-token$/))
    assert.equal(debian.output("stat -c '%U:%G %a' /etc/ami-track/live-token"), 'root:ami-track 640\n')
    debian.output('rm /etc/ami-track/live-token && userdel alice')
  })

  it('rotates the log and the debug file, each of the files as its user, and none of a folder that is Asterisk’s', () => {
    debian.output('install -d -o ami-track -g ami-track -m 0750 /var/log/ami-track')
    const names = ['ami-track.log', 'events.log']
    const own = 'setpriv --reuid ami-track --regid ami-track --init-groups sh -c'
    for (const name of names) debian.output(`${own} 'umask 027; echo logged > /var/log/ami-track/${name}'`)
    debian.write('/var/log/asterisk/ami-track.log', 'old\n')
    const { code, stderr } = debian.run('logrotate -f -s /root/rotated /etc/logrotate.d/ami-track')
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
    for (const name of names) {
      assert.equal(debian.read(`/var/log/ami-track/${name}.1`), 'logged\n')
      assert.equal(debian.access(`/var/log/ami-track/${name}`), '0640 ami-track:ami-track')
    }
    assert.equal(debian.read('/var/log/asterisk/ami-track.log'), 'old\n')
    debian.output('rm -r /var/log/asterisk /var/log/ami-track/events.log* /var/log/ami-track/ami-track.log.1')
  })

  it('keeps changed settings, the state and the log over an upgrade', () => {
    debian.output('install -d -o ami-track -m 0700 /var/lib/ami-track')
    debian.write('/var/lib/ami-track/journal', 'open calls\n')
    debian.output(`echo logged >> ${LOG}`)
    debian.write(SETTINGS, `LOGFILE=${LOG}\nAMISECRET=kept\n`)
    debian.output(`dpkg --install --force-confold ${debian.bring(nextVersion())}`)
    assert.match(debian.output('dpkg --status ami-track'), /^Version: .*\+next$/m)
    assert.equal(debian.read(SETTINGS), `LOGFILE=${LOG}\nAMISECRET=kept\n`)
    assert.equal(debian.access(SETTINGS), '0640 root:ami-track')
    assert.equal(debian.read('/var/lib/ami-track/journal'), 'open calls\n')
    assert.equal(debian.read(LOG), 'logged\n')
  })

  it('tells what to do with a log in Asterisk’s folder, which the service cannot make anew', () => {
    debian.write(SETTINGS, 'LOGFILE=/var/log/asterisk/unitracker.log\n')
    const { code, stderr } = debian.run('sh /var/lib/dpkg/info/ami-track.postinst configure 0.1.0')
    assert.equal(code, 0, stderr)
    assert.match(
      stderr,
      /LOGFILE is in \/var\/log\/asterisk\. .*Write LOGFILE=\/var\/log\/ami-track\/ami-track.log in \/etc/,
    )
  })

  it('keeps settings, state and log when it is removed', () => {
    debian.output('dpkg --remove ami-track')
    for (const path of [SETTINGS, '/var/lib/ami-track/journal', LOG]) assert.ok(debian.has(path), path)
    assert.ok(!debian.has('/usr/bin/ami-track'))
  })

  it('leaves nothing of its own behind when it is purged, and all that is of others', () => {
    debian.write(
      '/etc/systemd/system/ami-track.service.d/override.conf',
      '[Service]\nReadWritePaths=-/srv/reports /srv/one\n',
    )
    const own = [
      '/var/log/asterisk/ami-track.log',
      '/var/log/asterisk/ami-track.log.2.gz',
      '/srv/reports/events.log',
      '/srv/one',
    ]
    const others = ['/var/log/asterisk/queue_log', '/srv/reports/notes', '/srv/two']
    for (const path of [...own, ...others]) debian.write(path, 'something\n')
    debian.output(`chown ami-track ${own.join(' ')} && ln -s /srv/two /var/log/asterisk/link`)
    debian.output('dpkg --purge ami-track')
    for (const path of own) assert.ok(!debian.has(path), path)
    for (const path of others) assert.equal(debian.read(path), 'something\n')
    assert.notEqual(debian.run('getent passwd ami-track').code, 0)
    debian.output('rm -r /srv/* /var/log/asterisk /etc/systemd/system/ami-track.service.d')
    debian.output('rmdir --ignore-fail-on-non-empty /etc/systemd/system /etc/systemd')
    const backups = /^\/etc\/(group|gshadow|passwd|shadow|subuid|subgid)-\n/gm
    assert.equal(files().replace(backups, ''), untouched.replace(backups, ''))
  })
})
