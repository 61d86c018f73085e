import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { describe } from 'node:test'
import { AlreadyRunning, LockFile } from '../../lib/files/lock-file.ts'
import { FILES } from '../../lib/files/uses.ts'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { LiveProgram } from '../support/live-program.ts'
import { runPipe } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'

const it = sampledIt(3)

const file = folderOfEachTest('lock')
const keep = programsOfEachTest()

const take = (name = 'pid'): LockFile => LockFile.take(file(name), FILES.pid, 0o644)

/** A process that takes the file and tells how that went, until its stdin ends. */
const TAKER = `
import { LockFile } from '${new URL('../../lib/files/lock-file.js', import.meta.url)}'
import { FILES } from '${new URL('../../lib/files/uses.js', import.meta.url)}'
process.stdout.write('here\\n')
for await (const _ of process.stdin) {
  try {
    const lock = LockFile.take(process.argv[1], FILES.pid, 0o644)
    process.stdout.write('taken\\n')
    process.stdin.on('end', () => lock.release())
  } catch (error) {
    process.stdout.write(error.name + ': ' + error.message + '\\n')
  }
}
`

interface Taker {
  process: ReturnType<typeof spawn>
  said: AsyncIterator<string>
  ended: Promise<unknown>
}

async function startTaker(): Promise<Taker> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', TAKER, file('pid')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.on('close', resolve))
  const said = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  assert.equal((await said.next()).value, 'here')
  return { process: child, said, ended }
}

async function answerOf({ process: { stdin }, said }: Taker): Promise<string> {
  stdin?.write('take\n')
  return (await said.next()).value
}

describe('a pid file', () => {
  it('has the number alone for who reads it in the ways of shells and programs, and is gone at the end', async () => {
    const lock = take()
    const pid = String(process.pid)
    const read = `cat < <(echo "[$(cat "$1")]"); read -r pid < "$1"; echo "$pid"; pgrep -F "$1"; kill -0 $(cat "$1") && echo lives`
    const { stdout } = await runPipe([['bash', '-c', read, '-', file('pid')]])
    assert.equal(stdout, `[${pid}]\n${pid}\n${pid}\nlives\n`)
    lock.release()
    assert.deepEqual(readdirSync(file('.')), [])
  })

  it('is not taken twice, and the second is told which process has it', async () => {
    const holder = await startTaker()
    assert.equal(await answerOf(holder), 'taken')
    assert.throws(() => take(), {
      name: 'Error',
      message: `already running as process ${holder.process.pid} (pid file ${file('pid')}); stop that first`,
    })
    assert.throws(() => take(), AlreadyRunning)
    holder.process.stdin?.end()
    await holder.ended
    take().release()
  })

  it('of a process that was killed is taken, whoever has its number now', async () => {
    const holder = await startTaker()
    assert.equal(await answerOf(holder), 'taken')
    holder.process.kill('SIGKILL')
    await holder.ended
    assert.ok(existsSync(file('pid')))
    take().release()
    // As after a reboot: the number is that of a program that lives, of a thread, of process 1, of ourselves.
    const thread = readdirSync('/proc/self/task').find((task) => task !== String(process.pid)) ?? ''
    for (const pid of [String(process.ppid), thread, '1', String(process.pid)]) {
      writeFileSync(file('pid'), `${pid}\n\n`)
      const lock = take()
      assert.equal(readFileSync(file('pid'), 'utf8').trim(), String(process.pid))
      lock.release()
      assert.deepEqual(readdirSync(file('.')), [], pid)
    }
  })

  it('of another program is left alone, also where that has ended', () => {
    for (const content of [`${process.ppid}\n`, '999999999\n', 'notes\n', '12\n\n\n', '\n\n']) {
      writeFileSync(file('pid'), content)
      assert.throws(
        () => take(),
        /the pid file .* cannot be taken: somebody else made it. ami-track does not change it/,
      )
      assert.equal(readFileSync(file('pid'), 'utf8'), content)
      assert.deepEqual(readdirSync(file('.')), ['pid'])
    }
  })

  it('that was there with nothing in it is there with nothing in it at the end, also behind a link', () => {
    writeFileSync(file('pid'), '')
    symlinkSync('pid', file('link'))
    const lock = take('link')
    assert.equal(readFileSync(file('pid'), 'utf8'), `${process.pid}\n\n`)
    lock.release()
    assert.deepEqual(readdirSync(file('.')).sort(), ['link', 'pid'])
    assert.equal(readFileSync(file('pid'), 'utf8'), '')
  })

  for (const [show, content] of [
    ['is not there', undefined],
    ['is stale', '999999999\n\n'],
  ] as const) {
    it(`that ${show} is taken by one of twenty that start at once`, async () => {
      if (content !== undefined) writeFileSync(file('pid'), content)
      const takers = await Promise.all(Array.from({ length: 20 }, startTaker))
      const answers = await Promise.all(takers.map(answerOf))
      const winner = takers[answers.indexOf('taken')]
      assert.equal(answers.filter((answer) => answer === 'taken').length, 1, answers.join('\n'))
      assert.equal(answers.filter((answer) => /already running as process/.test(answer)).length, 19)
      assert.equal(readFileSync(file('pid'), 'utf8').trim(), String(winner?.process.pid))
      for (const taker of takers) taker.process.stdin?.end()
      await Promise.all(takers.map(({ ended }) => ended))
      assert.deepEqual(readdirSync(file('.')), [])
    })
  }
})

describe('two daemons', () => {
  it('do not run with the same pid file, nor with the same state, also after kill -9', async () => {
    const server = await FakeAsterisk.start()
    try {
      for (const [option, name] of [
        ['--pid', 'pid'],
        ['--state', 'state'],
      ] as const) {
        const start = (): LiveProgram => keep(LiveProgram.start(server, ['ami-track', option, file(name)]))
        const first = start()
        await first.untilLog(/^connected to Asterisk/)
        const second = start()
        assert.equal(await second.ended, 1)
        assert.match(second.stderr, new RegExp(`already running as process ${first.pid} `))
        first.signal('SIGKILL')
        await first.ended
        const third = start()
        await third.untilLog(/^connected to Asterisk/)
        assert.equal(await third.stop(), 0)
      }
      assert.deepEqual(readdirSync(file('.')), ['state'])
    } finally {
      await server.stop()
    }
  })
})
