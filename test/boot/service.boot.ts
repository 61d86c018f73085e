import { strict as assert } from 'node:assert'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { packageFile } from '../packages/built.ts'
import { root } from '../support/package.ts'
import { Calls } from './calls.ts'
import { type Debian, imageOf, installBootTools } from './image.ts'
import { Machine } from './machine.ts'
import { makeOldPackage } from './old-package.ts'
import { commandsOf } from './page.ts'
import { Pbx } from './pbx.ts'
import { Service, START_S } from './service.ts'

/** Debian 12 has no Asterisk: it has that of Debian 11, as a machine has that was upgraded. */
const debians: readonly Debian[] = [{ suite: 'bookworm', beside: 'bullseye' }, { suite: 'sid' }]

const SETTINGS = '/etc/default/ami-track'
const LOG = '/var/log/ami-track/ami-track.log'
const DEBUG = '/var/log/ami-track/events.log'
const OLD_LOG = '/var/log/asterisk/ami-track.log'
/** systemd takes the service for hung after 60 s, gives it 10 s to end, and waits 5 s with the next start. */
const WATCHDOG_S = 150
const DISK_IS_FULL_S = 20

/** The packages and the configuration of Asterisk, which each machine has on /mnt. */
const files = mkdtempSync(join(tmpdir(), 'ami-track-boot-files-'))
after(() => rmSync(files, { recursive: true }))

before(async () => {
  await installBootTools()
  const file = packageFile('_amd64.deb')
  cpSync(file, join(files, basename(file)))
  cpSync(join(root, 'test/boot/asterisk'), join(files, 'asterisk'), { recursive: true })
  makeOldPackage(file, files, join(files, 'old.deb'))
})

describe('ami-track on a machine that is booted', { concurrency: true }, () => {
  for (const debian of chosen()) describe(`with Debian ${debian.suite}`, { concurrency: 1 }, () => onDebian(debian))
})

/** SUITE=trixie, or SUITE=bookworm+bullseye where Asterisk comes from an older suite. */
function chosen(): readonly Debian[] {
  const { SUITE } = process.env
  if (!SUITE) return debians
  const [suite = '', beside] = SUITE.split('+')
  return [debians.find((debian) => debian.suite === SUITE) ?? { suite, beside }]
}

function onDebian(debian: Debian): void {
  let machine: Machine
  let pbx: Pbx
  let calls: Calls
  let service: Service
  let untouched: string[]
  let hasFailed = false

  before(async () => {
    machine = await Machine.boot(await imageOf(debian), files)
    pbx = new Pbx(machine)
    calls = new Calls(pbx)
    service = new Service(machine)
    await pbx.configure()
    untouched = await allFiles(machine)
  })
  after(() => machine?.stop())

  /** Each step goes on where the one before has left the machine. */
  const step = (name: string, run: () => Promise<void>): void => {
    it(name, async () => {
      assert.ok(!hasFailed, 'an earlier step failed')
      try {
        await run()
      } catch (error) {
        hasFailed = true
        const looks = `journalctl -u ami-track --no-pager | grep -v Unknown | tail -n 30; tail -n 20 ${LOG} ${OLD_LOG} /var/log/asterisk/messages*`
        const { stdout } = await machine.run(looks)
        throw new Error(`${(error as Error).message}\n${stdout}`, { cause: error })
      }
    })
  }

  const purge = async (): Promise<void> => {
    await machine.output('dpkg --purge ami-track')
    assert.deepEqual(await allFiles(machine), untouched)
    assert.equal(await machine.output('find / /var/log/asterisk -xdev -nouser'), '')
    assert.notEqual((await machine.run('getent passwd ami-track')).code, 0)
  }

  step('is installed, set up and started by the commands of docs/install.md', async () => {
    for (const command of commandsOf('install.md', '### On Debian, step by step')) {
      const { code, stdout, stderr } = await machine.run(`cd /mnt && ${command}`, START_S)
      assert.equal(code, 0, `${command}: ${stdout}${stderr}`)
      if (command.startsWith('ami-track doctor')) assert.doesNotMatch(stdout, /^wrong/m)
      if (command.startsWith('dpkg -i')) assert.equal(await service.property('UnitFileState'), 'disabled')
      if (command.startsWith('systemctl status'))
        assert.match(stdout, /Active: active \(running\)[\s\S]*Status: "connected/)
      if (command === 'ami-track status') {
        assert.match(stdout, /^ami-track \S+ on 127\.0\.0\.1:5038, Asterisk \d[\s\S]*\nopen calls +none\n/)
      }
    }
  })

  step('is looked at by root and its group, and by nobody else', async () => {
    const socket = '/run/ami-track/ami-track.sock'
    assert.equal(await machine.output(`stat -c '%a %U:%G' ${socket}`), '660 ami-track:ami-track\n')
    const stranger = await machine.run('runuser -u nobody -- ami-track status')
    assert.equal(stranger.code, 1)
    assert.match(
      stranger.stderr,
      /^ami-track: permission denied for \/run\/ami-track\/ami-track\.sock: use sudo, or add your user to its group/,
    )
    await machine.output('runuser -u nobody -g ami-track -- ami-track status')
  })

  step('runs as its own user and nothing as root, and systemd finds little that it could do', async () => {
    const processes = await machine.output(
      'ps -o user= -p $(cat /sys/fs/cgroup/system.slice/ami-track.service/cgroup.procs)',
    )
    assert.deepEqual([...new Set(processes.trim().split('\n'))], ['ami-track'])
    assert.equal(await service.property('ExecStartPre'), '')
    const { stdout } = await machine.run('systemd-analyze security --no-pager ami-track')
    const [, exposure = ''] = /exposure level for ami-track.service: ([\d.]+)/.exec(stdout) ?? []
    assert.ok(exposure !== '' && Number(exposure) <= 2, stdout)
  })

  step('writes the lines of a call of a queue, an outbound call and a parked call', () => calls.through(async () => {}))

  step('goes on with the calls after a restart', () => calls.through(() => service.control('restart')))

  step('is started again after kill -9, and goes on with the calls', () =>
    calls.through(() => service.replaced((pid) => machine.output(`kill -KILL ${pid}`))),
  )

  step('is started again when it hangs, and goes on with the calls', () =>
    calls.through(async () => {
      await service.replaced((pid) => machine.output(`kill -STOP ${pid}`), WATCHDOG_S)
      assert.match(await service.journal(), /Watchdog timeout/)
    }),
  )

  step('goes on in new files after logrotate, which finds nothing wrong', () =>
    calls.through(async () => {
      await service.set('DEBUGFILE', DEBUG)
      await service.control('restart')
      await machine.until(`[ -s ${DEBUG} ]`)
      const { code, stderr } = await machine.run('logrotate -f /etc/logrotate.conf')
      assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
      for (const file of [LOG, DEBUG]) await machine.until(`[ -s ${file}.1 ] && [ -s ${file} ]`)
      await machine.until(`grep -q SIGHUP ${LOG}`)
      const access = await machine.output('stat -c "%U:%G %a" /var/log/ami-track /var/log/ami-track/*')
      const [folder, ...others] = access.trim().split('\n')
      assert.equal(folder, 'ami-track:ami-track 750')
      assert.deepEqual([...new Set(others)], ['ami-track:ami-track 640'])
    }),
  )

  step(
    `follows the calls while the disk is full for ${DISK_IS_FULL_S} s, and knows of them after a restart`,
    async () => {
      await calls.begin()
      await machine.output('fallocate -l $(df --output=avail -B1 / | tail -1) /var/tmp/full')
      await machine.output('! su -s /bin/sh ami-track -c "echo > /var/lib/ami-track/x"')
      const since = Number(await machine.output('date +%s'))
      await calls.hold()
      await machine.until(`[ $(date +%s) -ge ${since + DISK_IS_FULL_S} ]`)
      await machine.output('rm /var/tmp/full /var/lib/ami-track/x')
      await service.control('restart')
      await calls.end()
    },
  )

  step('does not start with a wrong secret, says why, and goes on with the calls with the right one', () =>
    calls.through(async () => {
      await service.set('AMISECRET', 'wrong')
      await assert.rejects(() => service.control('restart'))
      assert.match(await service.journal('-p err -n 5'), /Asterisk refuses the login of "tracker"/)
      assert.equal(await service.property('ActiveState'), 'failed')
      await service.set('AMISECRET', 'something long')
      await service.control('start')
    }),
  )

  step('closes the calls when Asterisk is restarted', () =>
    calls.cutShortBy(async () => void (await machine.output('systemctl restart asterisk', 120))),
  )

  step('starts with the machine, and closes the calls in which that was booted', async () => {
    await calls.cutShortBy(() => machine.reboot())
    await machine.until('systemctl is-active ami-track', START_S)
    await calls.through(async () => {})
  })

  step(
    'says in one sentence why the settings of the vendor’s tracker do not work, and starts when that is done',
    async () => {
      await machine.output('mkdir -p /etc/sysconfig && cp /mnt/asterisk/unitracker /etc/sysconfig/')
      await pbx.addManager('admin', 'amp123')
      const commands = commandsOf('install.md', "### From the vendor's tracker")
      for (const command of commands.filter((line) => line.startsWith('cp '))) await machine.output(command)
      await assert.rejects(() => service.control('restart'))
      const errors = (await service.journal('-p err -o cat -n 2')).trim().split('\n')
      const sentence = errors.filter((line) => line.includes('unitracker.log'))
      assert.equal(sentence.length, 1, errors.join('\n'))
      assert.match(sentence[0] ?? '', /cannot be opened: .*LOGFILE=\/var\/log\/ami-track\/ami-track.log/i)
      await service.set('LOGFILE', LOG)
      await service.control('start')
      await machine.output('rm -r /etc/sysconfig')
    },
  )

  step('keeps settings, log and state when it is removed, and leaves nothing behind when it is purged', async () => {
    await machine.output('dpkg --remove ami-track')
    await machine.output(`ls ${SETTINGS} ${LOG} ${DEBUG} /var/lib/ami-track/*`)
    await purge()
  })

  step('takes the place of a package of 6c64d3b, with the settings and the log of that one', async () => {
    await machine.output('dpkg -i /mnt/old.deb')
    await service.set('AMISECRET', 'something long')
    for (const tracker of ['ENABLEPARK', 'ENABLEOUTBOUND']) await service.set(tracker, '1')
    // On most Debians it does not start: that is what its unit is kept for.
    await machine.run('systemctl enable --now ami-track', START_S)
    const { stderr } = await machine.run('dpkg --force-confold -i /mnt/ami-track_*_amd64.deb', 2 * START_S)
    assert.match(stderr, /LOGFILE is in \/var\/log\/asterisk.*\/etc\/default\/ami-track/)
    await machine.until('systemctl is-active ami-track', START_S)
    await machine.until(`grep -q connected ${OLD_LOG}`)
    await calls.through(() => service.control('restart'))
  })

  step('leaves nothing behind of that package either', async () => {
    await service.control('stop')
    await machine.output(`cp -a ${OLD_LOG} ${OLD_LOG}.1 && dpkg --remove ami-track`)
    await purge()
  })
}

/** Other programs change these: Asterisk, logrotate and systemd; the manager user in /etc/asterisk is the administrator's. */
const OTHERS =
  /^\/(etc\/asterisk|var\/(lib|spool)\/asterisk|var\/lib\/(systemd|logrotate))\/|^\/var\/(log|backups)\/(?!.*track)/

/** Everything on the disks but what changes by itself. */
async function allFiles(machine: Machine): Promise<string[]> {
  const pruned = ['/proc', '/sys', '/run', '/dev', '/tmp', '/mnt', '/var/lib/dpkg', '/var/cache', '/var/tmp']
  const found = await machine.output(`find / \\( -path ${pruned.join(' -o -path ')} \\) -prune -o -print`)
  return found
    .split('\n')
    .filter((path) => !OTHERS.test(path) && !/^\/etc\/[a-z]+-$/.test(path))
    .sort()
}
