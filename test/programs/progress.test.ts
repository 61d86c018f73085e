import { strict as assert } from 'node:assert'
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, describe } from 'node:test'
import { allFixtures, fixture } from '../support/fixtures.ts'
import { LiveProgram } from '../support/live-program.ts'
import { root } from '../support/package.ts'
import { endOf, runPipe, shellCommand } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'
import { ESCAPE, screenOf } from '../support/screen.ts'

const it = sampledIt(3)

const hasTerminal = spawnSync('script', ['--version']).error === undefined
const NO_TERMINAL = 'no script (Debian: bsdutils)'
const ALL_TRACKERS = ['--parkedcalls', '1', '--outboundcalls', '1', '--hotdesking', '1']
const COLOUR = new RegExp(`${ESCAPE}\\[[\\d;]*m`)
/** A bar that has something read, and a rate. */
const BAR = /\[=*-+\] \d+ % of \d+ MB, \d+(\.\d)? MB\/s, (\?|\d+:\d\d) left/

const folder = mkdtempSync(join(tmpdir(), 'ami-track-progress-'))
const file = (name: string): string => join(folder, name)
const running: Held[] = []
let lines = ''
let warning = ''

before(async () => {
  const some = allFixtures().filter(({ name }) => name.startsWith('asterisk-22'))
  const recordings = some.map(({ amiFile }) => readFileSync(amiFile))
  const half = Buffer.concat(recordings)
  warning = `ami-track: ${file('large.ami')}, byte ${half.length}: a message that is neither Event nor Response is skipped`
  writeFileSync(file('large.ami'), Buffer.concat([half, Buffer.from('nonsense: 1\r\n\r\n'), half]))
  writeFileSync(file('small.ami'), readFileSync(fixture('asterisk-22/queue_hold').amiFile))
  // A disk that gives nothing but the first chunk before there is a file of this name.
  writeFileSync(
    file('slow-disk.mjs'),
    `import { existsSync, writeFileSync } from 'node:fs'
     import { syncBuiltinESMExports } from 'node:module'
     import timers from 'node:timers/promises'
     const { setImmediate: turn, setTimeout: sleep } = timers
     timers.setImmediate = async (...args) => {
       while (!existsSync(process.env.GO)) await sleep(10)
       return await turn(...args)
     }
     syncBuiltinESMExports()
     writeFileSync(process.env.GO + '.pid', String(process.pid))`,
  )
  const { stdout, stderr } = await runPipe([['ami-track', '--replay', file('large.ami'), ...ALL_TRACKERS]])
  lines = stdout
  assert.ok(lines.split('\n').length > 200)
  assert.equal(stderr, `${warning}\n`)
})
afterEach(async () => {
  for (const program of running.splice(0)) await program.kill()
})
after(() => rmSync(folder, { recursive: true }))

/** A program that reads the first chunk of its file, and the rest when it is told to. */
class Held {
  private static count = 0
  private readonly process: ChildProcess
  private readonly changes = new EventEmitter().setMaxListeners(0)
  private readonly gate = file(`go-${++Held.count}`)
  readonly ended: Promise<number | string>
  /** What came from the terminal; without one, from stderr. */
  said = ''

  /** @param behind what stands behind the command in the shell, as `before` stands before it */
  constructor(args: readonly string[], behind: string, { before = '', terminal = true, env = {} } = {}) {
    const program = shellCommand([
      process.execPath,
      '--import',
      file('slow-disk.mjs'),
      join(root, 'dist/bin/ami-track.js'),
      ...args,
    ])
    const command = `${before} ${program} ${behind}`
    const [name, words] = terminal ? ['script', ['-qec', command, '/dev/null']] : ['bash', ['-c', command]]
    const options = { env: { ...process.env, TERM: 'xterm', GO: this.gate, ...env }, detached: true }
    this.process = spawn(name as string, words as string[], options)
    const { stdout, stderr } = this.process
    for (const stream of terminal ? [stdout, stderr] : [stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.said += chunk.toString('latin1')
        this.changes.emit('change')
      })
    }
    if (!terminal) stdout?.resume()
    this.ended = endOf(this.process)
    this.ended.then(() => this.changes.emit('change')).catch(() => {})
    running.push(this)
  }

  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.said)) {
      assert.equal(this.process.exitCode, null, this.said)
      await once(this.changes, 'change')
    }
  }

  interrupt(): void {
    process.kill(Number(readFileSync(`${this.gate}.pid`, 'utf8')), 'SIGINT')
  }

  async goOn(): Promise<number | string> {
    writeFileSync(this.gate, '')
    return await this.ended
  }

  async kill(): Promise<void> {
    try {
      process.kill(-(this.process.pid ?? 0), 'SIGKILL')
    } catch {
      // It has ended.
    }
    await this.ended
  }
}

const replay = (name: string): string[] => ['--replay', file(name), ...ALL_TRACKERS]

describe('the bar of a replay', () => {
  it('is drawn on a terminal, keeps clear of a warning, and goes; the lines are those of a run without it', async (t) => {
    if (!hasTerminal) return t.skip(NO_TERMINAL)
    const program = new Held(replay('large.ami'), `> ${file('out')}`)
    await program.until(BAR)
    assert.equal(await program.goOn(), 0)
    assert.deepEqual(screenOf(program.said), [warning, ''])
    assert.equal(readFileSync(file('out'), 'utf8'), lines)
  })

  it('keeps clear of lines that are written on the same terminal', async (t) => {
    if (!hasTerminal) return t.skip(NO_TERMINAL)
    const program = new Held(replay('large.ami'), '')
    await program.until(BAR)
    assert.equal(await program.goOn(), 0)
    const rows = screenOf(Buffer.from(program.said, 'latin1').toString('utf8'))
    assert.deepEqual(
      rows.filter((row) => row !== warning),
      lines.split('\n'),
    )
    assert.ok(rows.includes(warning))
  })

  it('is not drawn in a pipe, on a dumb terminal, nor for a small file, however long it takes', async (t) => {
    if (!hasTerminal) return t.skip(NO_TERMINAL)
    const others = [
      new Held(replay('large.ami'), `> ${file('out-1')}`, { terminal: false }),
      new Held(replay('large.ami'), `2> ${file('err-2')} > ${file('out-2')}`),
      new Held(replay('large.ami'), `| cat > ${file('out-3')}`),
      new Held(['--replay', '-', ...ALL_TRACKERS], `> ${file('out-4')}`, {
        before: `while [ ! -e "$GO" ]; do sleep 0.05; done; cat ${file('large.ami')} |`,
      }),
      new Held(replay('large.ami'), `> ${file('out-5')}`, { env: { TERM: 'dumb' } }),
      new Held(replay('small.ami'), `> ${file('out-6')}`),
    ]
    // It began last: when it has waited long enough, so have they.
    const drawn = new Held(replay('large.ami'), `> ${file('out')}`)
    await drawn.until(BAR)
    assert.deepEqual(
      others.map(({ said }) => said),
      others.map(() => ''),
    )
    await drawn.goOn()
    const codes = await Promise.all(others.map((program) => program.goOn()))
    assert.deepEqual(codes, [0, 0, 0, 0, 0, 0])
    for (const n of [1, 2, 3, 4, 5]) assert.equal(readFileSync(file(`out-${n}`), 'utf8'), lines, String(n))
    for (const n of [0, 2, 4]) assert.equal(others[n]?.said.replaceAll('\r', ''), `${warning}\n`, String(n))
    assert.equal(others[3]?.said.replaceAll('\r', ''), `${warning.replace(`${file('large.ami')}, `, '')}\n`)
    assert.equal(readFileSync(file('err-2'), 'utf8'), `${warning}\n`)
  })

  it('is taken away by SIGINT, and by an error', async (t) => {
    if (!hasTerminal) return t.skip(NO_TERMINAL)
    const interrupted = new Held(replay('large.ami'), `> ${file('out')}`)
    const failing = new Held([...replay('large.ami'), '--strict'], `> ${file('out-1')}`)
    await Promise.all([interrupted.until(BAR), failing.until(BAR)])
    interrupted.interrupt()
    assert.equal(await interrupted.goOn(), 130)
    assert.deepEqual(screenOf(interrupted.said), [''])
    assert.equal(await failing.goOn(), 1)
    assert.deepEqual(screenOf(failing.said), [warning, ''])
  })

  it('has no colours', async (t) => {
    if (!hasTerminal) return t.skip(NO_TERMINAL)
    const program = new Held(replay('large.ami'), `> ${file('out')}`)
    await program.until(BAR)
    await program.goOn()
    assert.doesNotMatch(program.said, COLOUR)
  })
})

describe('the bar of ami-track explain', () => {
  it('is drawn while a page is made, and the page is the same', async (t) => {
    if (!hasTerminal) return t.skip(NO_TERMINAL)
    const explain = ['explain', file('large.ami'), ...ALL_TRACKERS, '--html']
    const program = new Held([...explain, file('page.html')], '')
    await program.until(BAR)
    assert.equal(await program.goOn(), 0)
    assert.deepEqual(screenOf(program.said), [warning, ''])
    const { stdout } = await runPipe([['ami-track', ...explain, '-']])
    assert.equal(readFileSync(file('page.html'), 'utf8'), stdout)
  })
})

describe('the bar of ami-track regexp', () => {
  it('is drawn while the channels of a dump are read', async (t) => {
    if (!hasTerminal) return t.skip(NO_TERMINAL)
    const regexp = ['regexp', '^PJSIP/', '--replay', file('large.ami')]
    const program = new Held(regexp, `> ${file('channels')}`)
    await program.until(BAR)
    assert.equal(await program.goOn(), 0)
    assert.deepEqual(screenOf(program.said), [warning, ''])
    const { stdout } = await runPipe([['ami-track', ...regexp]])
    assert.equal(readFileSync(file('channels'), 'utf8'), stdout)
  })
})

describe('the log of a daemon', () => {
  it('has colours on a terminal alone, and none there if NO_COLOR says so', async (t) => {
    if (!hasTerminal) return t.skip(NO_TERMINAL)
    const run = async (env: string, behind = ''): Promise<string> => {
      // Nobody listens there, which it logs.
      const pid = file(`pid-${behind.length}-${env}`)
      const command = shellCommand([
        'timeout',
        '--foreground',
        '30',
        join(root, 'bin/ami-track'),
        '--port',
        '1',
        '--login',
        'x',
        '--pid',
        pid,
      ])
      const program = new LiveProgram(
        spawn('script', ['-qec', `${env} AMISECRET=x ${command} ${behind}`, '/dev/null'], { stdio: 'pipe' }),
      )
      await program.untilStdout(/no connection to Asterisk[^\n]*\n/)
      process.kill(Number(readFileSync(pid, 'utf8')), 'SIGTERM')
      await program.ended
      return program.stdout
    }
    const [coloured, plain, piped] = await Promise.all([run(''), run('NO_COLOR=1'), run('', '2>&1 | cat')])
    assert.match(coloured, COLOUR)
    assert.doesNotMatch(plain, COLOUR)
    assert.doesNotMatch(piped, COLOUR)
  })
})
