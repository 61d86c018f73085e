import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, describe } from 'node:test'
import { fixture, goldenOf } from '../support/fixtures.ts'
import { root } from '../support/package.ts'
import { endOf, runPipe } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'

const it = sampledIt(4)

const hold = fixture('asterisk-22/queue_hold')
const recording = readFileSync(hold.amiFile)
const programs = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).bin)
const folder = mkdtempSync(join(tmpdir(), 'ami-track-'))
after(() => rmSync(folder, { recursive: true }))

describe('the programs in a pipe', () => {
  it('end quietly with 0 when their reader has seen enough', async () => {
    const big = Buffer.concat(Array.from({ length: 60 }, () => recording))
    const { stdout, stderr, codes } = await runPipe([['ami-parse'], ['track-moh'], ['head', '-n', '1']], { input: big })
    assert.equal(stdout.split('\n').length, 2)
    assert.equal(stderr, '')
    assert.deepEqual(codes, [0, 0, 0])
  })

  it('end quietly with 0 when stdout is closed from the start', async () => {
    for (const program of ['ami-parse', 'ami-track --replay -']) {
      const command = `"${join(root, 'bin')}"/${program} >&-`
      const { stderr, codes } = await runPipe([['bash', '-c', command]], { input: recording })
      assert.equal(stderr, '')
      assert.deepEqual(codes, [0])
    }
  })

  it('let ^C end what is upstream, and write its last lines', async () => {
    const stages = [join(root, 'bin/ami-parse'), join(root, 'bin/track-moh'), join(root, 'bin/qlog-write')]
    // The source holds the last part of the recording back until ^C has reached the whole group of processes.
    const at = recording.indexOf('Event: Unhold')
    const source = spawn('bash', ['-c', `"${stages[0]}" | "${stages[1]}" | "${stages[2]}"`], {
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const ended = endOf(source)
    const errors = text(source.stderr)
    source.stdin.write(recording.subarray(0, at))
    const [firstLine] = await once(source.stdout, 'data')
    process.kill(-(source.pid ?? 0), 'SIGINT')
    source.stdin.end(recording.subarray(at))
    const rest = await text(source.stdout)
    assert.equal(String(firstLine) + rest, goldenOf(hold))
    assert.equal(await errors, '')
    await ended
  })

  it('let ^C alone once the input has ended and its last lines are on their way', async () => {
    const lines = Buffer.from('{"Event":"Hold","Pad":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}\n'.repeat(4000))
    const program = spawn(join(root, 'bin/track-moh'))
    program.stdin.end(lines)
    await once(program.stdout, 'readable') // it writes, more than a pipe holds, and nobody reads on yet
    program.kill('SIGINT')
    const out: Buffer[] = []
    for await (const chunk of program.stdout) out.push(chunk)
    assert.ok(Buffer.concat(out).equals(lines))
  })

  it('stop reading on SIGTERM, write what they have read, and end with 143', async () => {
    const replay = spawn(join(root, 'bin/ami-track'), ['--replay', '-'])
    const ended = endOf(replay)
    const errors = text(replay.stderr)
    replay.stdin.write(recording.subarray(0, recording.indexOf('Event: Unhold')))
    const [line] = await once(replay.stdout, 'data')
    replay.kill('SIGTERM')
    assert.equal(await ended, 143)
    assert.equal(String(line), `${goldenOf(hold).split('\n')[0]}\n`)
    assert.equal(await errors, '')
  })

  it('read no further dump once they are told to stop', async () => {
    const more = fixture('asterisk-22/queue_local_agent_hold').amiFile
    const replay = spawn(join(root, 'bin/ami-track'), ['--replay', '-', '--replay', more])
    const [ended, lines, errors] = [endOf(replay), text(replay.stdout), text(replay.stderr)]
    replay.stdin.write(recording)
    await once(replay.stdout, 'readable')
    replay.kill('SIGTERM')
    assert.deepEqual([await ended, await lines, await errors], [143, goldenOf(hold, 'track-moh'), ''])
  })

  it('end quietly with 0 when nobody reads their help, nor what they complain of', async () => {
    for (const option of ['--help', '--version']) {
      const { stderr, codes } = await runPipe([['ami-parse', option], ['true']])
      assert.deepEqual([stderr, ...codes], ['', 0, 0])
    }
    const command = `"${join(root, 'bin/ami-parse')}" 2> >(true)`
    const broken = Buffer.concat([recording, Buffer.from('nonsense: 1\r\n\r\n'.repeat(50)), recording])
    const { stdout, codes } = await runPipe([['bash', '-c', command], ['track-moh'], ['qlog-write']], { input: broken })
    assert.equal(stdout.split('\n').length, 9)
    assert.deepEqual(codes, [0, 0, 0])
  })

  it('let a line through as soon as it is there: the pipe is live', async () => {
    const pipe = spawn('bash', ['-c', 'bin/ami-parse | bin/track-moh | bin/qlog-write'], { cwd: root })
    const at = recording.indexOf('\r\n\r\n', recording.indexOf('Event: Hold')) + 4
    pipe.stdin.write(recording.subarray(0, at))
    const [line] = await once(pipe.stdout, 'data') // stdin is still open
    assert.equal(String(line), `${goldenOf(hold).split('\n')[0]}\n`)
    pipe.stdin.end()
    await endOf(pipe)
  })

  it('pass on a line that is not JSON, which qlog-write tells and drops', async () => {
    const input =
      'no JSON à la carte\n{"Event":"VarSet", broken}\n{"queue_log":{"time":"x"}}\n{"queue_log":{"time":5,"callid":"a","queuename":"q","agent":"b","event":"E"}}'
    const passed = await runPipe([['track-moh'], ['ami-filter']], { input })
    assert.equal(passed.stdout, `${input}\n`)
    const written = await runPipe([['track-moh'], ['qlog-write']], { input })
    assert.equal(written.stdout, '5|a|q|b|E|\n')
    assert.equal(
      written.stderr,
      'qlog-write: not JSON: "no JSON à la carte"\n' +
        'qlog-write: not JSON: "{\\"Event\\":\\"VarSet\\", broken}"\n' +
        'qlog-write: queue_log has no time in epoch seconds: "{\\"queue_log\\":{\\"time\\":\\"x\\"}}"\n',
    )
    assert.deepEqual(written.codes, [0, 0])
  })
})

describe('a program', () => {
  for (const program of programs) {
    it(`${program} has help and a version`, async () => {
      const help = await runPipe([[program, '--help']])
      assert.match(help.stdout, new RegExp(`^Usage: ${program} `))
      assert.match(help.stdout, /\nExamples:\n/)
      const version = await runPipe([[program, '--version']])
      assert.match(version.stdout, new RegExp(`^${program} \\d+\\.\\d+\\.\\d+\n$`))
      assert.deepEqual([help.stderr, version.stderr, ...help.codes, ...version.codes], ['', '', 0, 0])
    })

    it(`${program} tells a wrong option in one line and ends with 2`, async () => {
      // A word that is no option names a file to qlog-read.
      const stray = program === 'qlog-read' ? [] : ['stray']
      for (const option of ['--toString', '--constructor=1', '-x', ...stray]) {
        const { stdout, stderr, codes } = await runPipe([[program, option]])
        assert.equal(stdout, '')
        assert.match(stderr, new RegExp(`^${program}: .*"${option.replace('=1', '')}" \\(see ${program} --help\\)\n$`))
        assert.deepEqual(codes, [2])
      }
    })
  }

  it('ends with 1 on a picture, saying that it is not an AMI stream', async () => {
    const jpeg = Buffer.concat([Buffer.from('ffd8ffe000104a46494600', 'hex'), Buffer.alloc(300_000, 0xa7)])
    const pipe = await runPipe([['ami-parse'], ['track-moh'], ['qlog-write']], { input: jpeg })
    assert.equal(pipe.stdout, '')
    assert.match(pipe.stderr, /^ami-parse: this is not an AMI stream: [^\n]+\n$/)
    assert.deepEqual(pipe.codes, [1, 0, 0])
    const replay = await runPipe([['ami-track', '--replay', '-']], { input: jpeg })
    assert.match(replay.stderr, /^ami-track: this is not an AMI stream: [^\n]+\n$/)
    assert.deepEqual(replay.codes, [1])
  })

  it('ends with 3 on a dump of Asterisk 11, and on a file that is not there', async () => {
    const old = await runPipe([['ami-parse']], { input: 'Asterisk Call Manager/1.3\r\nResponse: Success\r\n\r\n' })
    assert.equal(
      old.stderr,
      'ami-parse: AMI 1.3 belongs to Asterisk 11 or older; ami-track needs Asterisk 13 or later\n',
    )
    assert.deepEqual(old.codes, [3])
    const missing = await runPipe([['ami-track', '--replay', join(folder, 'none.ami')]])
    assert.match(missing.stderr, /^ami-track: the dump [^\n]*none\.ami cannot be read: there is no such file[^\n]*\n$/)
    assert.deepEqual(missing.codes, [3])
    const unwritable = await runPipe([['qlog-write', '--queuelog', join(folder, 'no', 'such')]])
    assert.match(unwritable.stderr, /^qlog-write: [^\n]*there is no folder [^\n]*\n$/)
    assert.deepEqual(unwritable.codes, [3])
  })

  it('reads past what is wrong, saying where; with --strict it ends there with 1', async () => {
    const broken = Buffer.concat([recording, Buffer.from('nonsense: 1\r\n\r\nEvent: cut off')])
    const where = `byte ${recording.length}: a message that is neither Event nor Response is skipped`
    for (const [program, ...args] of [['ami-parse'], ['ami-track', '--replay', '-']]) {
      const read = await runPipe([[program ?? '', ...args]], { input: broken })
      assert.equal(
        read.stderr,
        `${program}: ${where}\n` +
          `${program}: byte ${recording.length + 15}: the stream ends in the middle of a message; its 14 bytes are skipped\n`,
      )
      assert.deepEqual(read.codes, [0])
      const strict = await runPipe([[program ?? '', ...args, '--strict']], { input: broken })
      assert.equal(strict.stderr, `${program}: ${where}\n`)
      assert.deepEqual(strict.codes, [1])
    }
  })

  it('writes with --strict what it had read before', async () => {
    const input = Buffer.concat([recording, Buffer.from('nonsense: 1\r\n\r\n')])
    const { stdout, codes } = await runPipe([['ami-track', '--replay', '-', '--strict']], { input })
    assert.equal(stdout, goldenOf(hold))
    assert.deepEqual(codes, [1])
  })

  it('tells that stdin is a directory', async () => {
    const { stderr, codes } = await runPipe([['bash', '-c', `"${join(root, 'bin/ami-parse')}" < "${folder}"`]])
    assert.equal(stderr, 'ami-parse: stdin is a directory\n')
    assert.deepEqual(codes, [1])
  })

  it('does not fill the log with the same complaint', async () => {
    const { stderr, codes } = await runPipe([['ami-parse']], {
      input: `Event: A\r\nTimestamp: 1.0\r\n\r\n${'x: y\r\n\r\n'.repeat(5000)}`,
    })
    assert.equal(stderr.split('\n').length, 22)
    assert.match(stderr, /\nami-parse: not a message: 4980 more of these\n$/)
    assert.deepEqual(codes, [0])
  })

  it('appends whole lines to a file, and leaves what is in it', async () => {
    const file = join(folder, 'queue_log')
    for (let round = 0; round < 2; round++) {
      const { stdout, codes } = await runPipe([['ami-parse'], ['track-moh'], ['qlog-write', '--queuelog', file]], {
        input: recording,
      })
      assert.equal(stdout, '')
      assert.deepEqual(codes, [0, 0, 0])
    }
    const replay = await runPipe([['ami-track', '--replay', '-', '--queuelog', file]], { input: recording })
    assert.deepEqual(replay.codes, [0])
    assert.equal(readFileSync(file, 'utf8'), goldenOf(hold).repeat(3))
  })

  it('writes each line to the file with one write', async () => {
    const file = join(folder, 'traced')
    const trace = join(folder, 'trace.mjs')
    // Counts the calls that reach write(2) by way of a FileHandle, in the process that runs the program.
    const { writeFileSync } = await import('node:fs')
    writeFileSync(
      trace,
      `import { open } from 'node:fs/promises'
       const handle = await open('/dev/null'); const prototype = Object.getPrototypeOf(handle); await handle.close()
       const write = prototype.write; let calls = 0
       prototype.write = function (...args) { calls++; return write.apply(this, args) }
       process.on('exit', () => process.stderr.write(calls + ' writes\\n'))`,
    )
    const program = join(root, 'dist/programs/ami-track.js')
    const { stderr } = await runPipe([
      ['node', '--import', trace, program, '--replay', hold.amiFile, '--queuelog', file],
    ])
    assert.equal(stderr, '4 writes\n')
    assert.equal(readFileSync(file, 'utf8'), goldenOf(hold))
  })

  it('replays a dump without Timestamps by the Uniqueids, with one warning', async () => {
    const input = Buffer.from(recording.toString('latin1').replace(/Timestamp: [^\r]*\r\n/g, ''), 'latin1')
    const { stdout, stderr, codes } = await runPipe([['ami-parse'], ['track-moh'], ['qlog-write']], { input })
    assert.match(stderr, /^ami-parse: byte \d+: events have no Timestamp header: [^\n]+\n$/)
    assert.deepEqual(codes, [0, 0, 0])
    const lines = stdout.trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => line.replace(/^\d+/, '')),
      goldenOf(hold)
        .trimEnd()
        .split('\n')
        .map((line) => line.replace(/^\d+/, '')),
    )
    assert.match(stdout, /^1795373361\|/) // the agent's leg is the last new channel before the hold
  })
})
