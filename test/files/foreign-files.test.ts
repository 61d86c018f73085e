import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { generate } from 'selfsigned'
import type { FileWay } from '../../lib/files/file-use.ts'
import { FILES } from '../../lib/files/uses.ts'
import { helpPages } from '../../packaging/help-pages.ts'
import { optionsOf, readHelp } from '../../packaging/help-text.ts'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { fixture } from '../support/fixtures.ts'
import { LiveProgram } from '../support/live-program.ts'
import { root } from '../support/package.ts'
import { sampleOf } from '../support/sample.ts'
import { contentsOf, KINDS, type KindOfFile, make } from './kinds-of-files.ts'
import { FILE_OPTIONS, type FileOption, TABLES } from './named-options.ts'

const { amiFile } = fixture('asterisk-22/queue_hold')
const recording = readFileSync(amiFile, 'utf8')
const isRoot = process.getuid?.() === 0
/** To root permissions mean nothing, unless it does without these: another user may not even reach the folder of this clone. */
const WITHOUT_OVERRIDES = ['--bounding-set=-dac_override,-dac_read_search', '--inh-caps=-dac_override,-dac_read_search']

/** What a program can do with what is named to it; what is not here it refuses. */
const TAKEN: Readonly<Record<FileWay, readonly KindOfFile[]>> = {
  read: ['a file with content', 'an empty file', 'a link to a file'],
  stream: ['a file with content', 'an empty file', 'a link to a file', 'a pipe', 'the device null'],
  'look up': ['a file with content', 'an empty file', 'a link to a file'],
  append: ['a file with content', 'an empty file', 'a link to a file', 'the device null', 'the device full'],
  begin: ['an empty file', 'the device null', 'the device full'],
  overwrite: ['an empty file', 'the device null', 'the device full'],
  lock: ['an empty file'],
  folder: ['a folder that is missing'],
  listen: ['a socket'],
  connect: ['a socket'],
}

/** A file that an option or an argument names, and the words in front of it. */
interface Named extends FileOption {
  words: readonly string[]
  /** Whether the program stays connected once it has taken the file. */
  isLive: boolean
  /** What a file has in it that is of use. */
  content?: string
}

/** validate names all its files at once: see below. */
const RUN_OPTIONS = FILE_OPTIONS.filter(({ command }) => command !== 'ami-track validate')
const LIVE = new Set(['ami-connect', 'ami-track', 'qlog-write'])
const REPLAY = ['--replay', amiFile]
/** Nobody is there. */
const NO_BUS = 'nats://127.0.0.1:1/PBXS'
const EXPLAINED = ['explain', amiFile, '--call', '1795373360.2']

/** Each option, in each way in which its program can be called. */
function namedFiles(): Named[] {
  const named = RUN_OPTIONS.flatMap((option): Named[] => {
    const { command, name } = option
    const [program = '', ...subcommand] = command.split(' ')
    const live = { ...option, words: [program, ...subcommand], isLive: LIVE.has(command) }
    if (name === 'tls-ca') return [{ ...live, words: [...live.words, '--tls', '1'], content: certificate.cert }]
    if (name === 'secret-file') return [{ ...live, content: 'tr4ck\n' }]
    if (name === 'queuelog-tail-secret-file') {
      const words = [...live.words, '--queuelog-tail', 'mysql://ami@127.0.0.1:1/asterisk/queue_log']
      return [{ ...live, words, content: 'tr4ck\n' }]
    }
    if (name === 'live-token-file') {
      return [
        {
          ...live,
          words: [...live.words, '--live', '127.0.0.1:0'],
          content: 'a token of 24 letters'.replaceAll(' ', '-'),
        },
      ]
    }
    if (command === 'qlog-ship') return [shipping(live)]
    if (command === 'ami-track fleet') {
      const content = name === 'settings' ? `FLEET=${NO_BUS}\n` : 'tr4ck\n'
      return [{ ...live, words: [...live.words, 'list', ...(name === 'settings' ? [] : ['--fleet', NO_BUS])], content }]
    }
    if (name === 'fleet-secret-file' || name === 'nats-creds') {
      return [{ ...live, words: [...live.words, '--fleet', NO_BUS], isLive: false, content: 'tr4ck\n' }]
    }
    if (name === 'settings') return [{ ...live, content: 'AMIUSER=tracker\n' }]
    if (command === 'ami-track explain') return [{ ...live, words: [program, ...EXPLAINED] }]
    if (command === 'ami-track regexp') return [{ ...live, words: [...live.words, '^SIP'], content: recording }]
    if (name === 'replay') return [{ ...live, isLive: false, content: recording }]
    if (name !== 'queuelog' || command === 'ami-track doctor') return [live]
    if (command === 'qlog-write') return [{ ...live, isLive: false }]
    return [live, { ...live, words: [program, ...REPLAY], isLive: false }]
  })
  const argument = { name: '', isLive: false }
  return [
    ...named,
    {
      ...argument,
      command: 'ami-track explain',
      use: FILES.dump,
      words: ['ami-track', 'explain'],
      content: recording,
    },
    { ...argument, command: 'qlog-read', use: FILES.readQueueLog, words: ['qlog-read'], content: '5|a|b|c|D|\n' },
    {
      ...argument,
      command: 'ami-track settings',
      use: FILES.settings,
      words: ['ami-track', 'settings'],
      content: 'ENABLEMOH=1\n',
    },
  ]
}

/** It ends with what is there, or where nobody listens. */
function shipping(option: Named): Named {
  const { name, words } = option
  const [once, from] = [
    [...words, '--once'],
    ['--from', amiFile],
  ]
  const nobody = { from: 'nats://ami@127.0.0.1:1/LOG', to: 'mysql://ami@127.0.0.1:1/asterisk' }
  const of = (more: readonly string[], content: string): Named => ({
    ...option,
    isLive: false,
    words: [...once, ...more],
    content,
  })
  if (name === 'from') return of(['--to', '-'], '5|a|b|c|D|\n')
  if (name === 'settings') return of([...from, '--to', '-'], 'PBX=one\n')
  if (name === 'from-secret-file') return of(['--from', nobody.from, '--to', '-'], 'tr4ck\n')
  if (name === 'nats-creds') return of(['--from', nobody.from, '--to', '-'], 'no creds\n')
  return of([...from, '--to', nobody.to], 'tr4ck\n')
}

let certificate: { key: string; cert: string } = { key: '', cert: '' }

interface Outcome {
  /** The exit code; undefined if it logged in. */
  code: number | string | undefined
  stderr: string
}

/**
 * Runs a program with a file until it has ended, or is logged in.
 *
 * @param isBound whether permissions bind it, though root runs it
 */
async function run(named: Named, path: string, isBound: boolean): Promise<Outcome> {
  const { command, name, words, isLive, use } = named
  const isTls = name === 'tls-ca'
  const server = await FakeAsterisk.start(isTls ? { tls: certificate } : {})
  const connects = LIVE.has(command) || command === 'ami-track doctor'
  const isReplay = words.includes('--replay') || name === 'replay'
  const lines = command === 'qlog-write' && !isLive
  const [program = '', ...args] = [
    ...words,
    ...(connects && !isReplay && !lines ? ['--port', String(server.port), '--login', 'tracker'] : []),
    ...(isTls ? ['--tls-servername', 'pbx.example'] : []),
    ...(name === '' ? [path] : [`--${name}`, path]),
  ]
  const line = [join(root, 'bin', program), ...args]
  const [started = '', ...others] = isBound ? ['setpriv', ...WITHOUT_OVERRIDES, ...line] : line
  const child = spawn(started, others, {
    env: { ...process.env, ...(name === 'secret-file' ? {} : { AMISECRET: 'tr4ck' }) },
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: '/',
  })
  const running = new LiveProgram(child)
  if (!isLive)
    child.stdin.end(lines ? '{"queue_log":{"time":5,"callid":"a","queuename":"q","agent":"b","event":"E"}}\n' : '')
  // Whoever reads a pipe waits for somebody to write into it.
  if (use.way === 'stream') feedPipe(path)
  // qlog-write tries a full disk forever, and a member of a fleet its bus.
  const tries = running
    .untilLog(
      /ami-track keeps them and tries again|the NATS servers of the fleet do not answer|contains no file NAME.conf/,
    )
    .then(() => running.signal('SIGKILL'))
  const end = await Promise.race([
    running.ended,
    server.session().then(() => undefined),
    tries.then(() => running.ended),
  ])
  const code = end === undefined && !isLive ? await running.ended : end
  if (code === undefined) await running.stop()
  await server.stop()
  return { code, stderr: running.stderr }
}

function feedPipe(path: string): void {
  // As a process of its own it can wait there until a reader comes.
  spawn('bash', ['-c', 'test ! -p "$1" || timeout 20 cat "$2" >"$1"', '-', path, amiFile], { stdio: 'ignore' })
}

describe('a file that an option names', { concurrency: 3 }, () => {
  before(async () => {
    const made = await generate([{ name: 'commonName', value: 'pbx.example' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'pbx.example' }] }],
    })
    certificate = { key: made.private, cert: made.cert }
  })

  it('is told to the programs by their help texts, and what is done with it stands in their tables', () => {
    const programs = Object.keys(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).bin)
    for (const { command, help } of helpPages(root, programs)) {
      const table = TABLES[command]
      assert.ok(table !== undefined, `${command} has no table here`)
      for (const { names, value } of optionsOf(readHelp(help))) {
        if (value !== 'FILE' && value !== 'DIR') continue
        for (const name of names) assert.ok(table[name.slice(2)]?.file !== undefined, `${command} ${name}`)
      }
    }
    assert.ok(FILE_OPTIONS.length >= 25)
  })

  const places = [
    ...RUN_OPTIONS,
    { command: 'ami-track explain', name: '' },
    { command: 'ami-track settings', name: '' },
    { command: 'qlog-read', name: '' },
  ]
  for (const [n, { command, name }] of places.entries()) {
    it(`by ${command} ${name === '' ? 'DUMP or FILE' : `--${name}`} is left as it is whatever it is, or refused in a sentence`, async () => {
      for (const named of namedFiles().filter((one) => one.command === command && one.name === name)) {
        for (const kind of sampleOf(KINDS, 13, n)) await check(named, kind)
      }
    })
  }
})

async function check(named: Named, kind: KindOfFile): Promise<void> {
  const { use, content = 'notes of somebody else\n' } = named
  const isBound = isRoot && kind === 'a file without permission'
  const folder = mkdtempSync(join(tmpdir(), 'ami-track-foreign-'))
  const where = `${named.words.join(' ')} --${named.name}: ${kind}`
  try {
    chmodSync(folder, 0o755)
    const path = await make(kind, folder, content)
    const before = contentsOf(folder)
    const { code, stderr } = await run(named, path, isBound)
    const after = contentsOf(folder)
    const isFolderOfPbxs = named.command === 'ami-track' && named.name === 'settings' && kind === 'a folder'
    const isTaken = isFolderOfPbxs || TAKEN[use.way].includes(kind)
    for (const [name, was] of Object.entries(before)) {
      const is = after[name] ?? 'gone'
      const mayGrow = isTaken && use.way !== 'lock' && (use.way === 'append' || kind === 'an empty file')
      // One that nobody answers is replaced, and ours goes with the daemon.
      if (use.way === 'listen' && kind === 'a socket') assert.equal(is, 'gone', `${where}: ${name}`)
      else if (mayGrow) assert.ok(is.startsWith(was), `${where}: ${name} was ${was}, is ${is}`)
      else assert.equal(is, was, `${where}: ${name}, ${stderr}`)
    }
    if (isTaken) {
      const ofFile = stderr.split('\n').filter((line) => line.includes(path))
      const isMissing = ofFile.some((line) => /cannot be (opened|read|used)|is a (pipe|device|folder)/.test(line))
      // Of an empty file some say that nothing is in it, and a full disk is told when it is written to.
      if (!/empty|full/.test(kind)) assert.equal(isMissing, false, `${where}: ${stderr}`)
      return
    }
    assert.deepEqual(Object.keys(after), Object.keys(before), `${where} left something behind`)
    if (named.command === 'ami-track doctor' && /^(queuelog|settings|shippers)/.test(named.name)) return
    // That no daemon is there may pass.
    const mayPass = use.way === 'connect' && code === 1
    assert.ok(code === 2 || code === 3 || mayPass, `${where}: ended with ${code}: ${stderr}`)
    const [line = '', ...more] = stderr.trimEnd().split('\n')
    assert.deepEqual(more, [], where)
    // It asks nobody where there is no terminal.
    if (named.command === 'ami-track top' && /needs a terminal/.test(line)) return
    assert.ok(line.includes(path), `${where}: ${line}`)
    assert.doesNotMatch(line, /^[^ ]+: E[A-Z]+:|, (open|stat|access) '/, where)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('ami-track validate', { concurrency: 3 }, () => {
  for (const kind of sampleOf(KINDS, 4)) {
    it(`changes nothing where each option names ${kind}, and says which cannot be used`, async () => {
      const folder = mkdtempSync(join(tmpdir(), 'ami-track-foreign-all-'))
      try {
        chmodSync(folder, 0o755)
        const settings = join(folder, 'settings')
        writeFileSync(settings, 'AMIUSER=tracker\nAMISECRET=tr4ck\nAMITLS=1\n')
        const options = FILE_OPTIONS.filter(
          ({ command, name }) => command === 'ami-track validate' && name !== 'settings',
        )
        const paths = new Map<string, string>()
        for (const { name } of options) {
          mkdirSync(join(folder, name), { mode: 0o755 })
          paths.set(name, await make(kind, join(folder, name), 'notes of somebody else\n'))
        }
        const before = contentsOf(folder)
        const isNobody = isRoot && kind === 'a file without permission'
        const { stdout, code } = await validated([
          ...['--settings', settings],
          // Root would look as the user of a service that may be installed here.
          ...(isRoot ? ['--user', isNobody ? 'nobody' : 'root'] : []),
          ...[...paths].flatMap(([name, path]) => [`--${name}`, path]),
        ])
        assert.deepEqual(contentsOf(folder), before)
        for (const { name, use } of options) {
          const [line] = stdout
            .split('\n')
            .filter((one) => one.startsWith(`--${name}: ${use.what} ${paths.get(name)} cannot be `))
          const isTaken = TAKEN[use.way].includes(kind)
          // These files also have to hold what they are for.
          const holdsNothing =
            isTaken &&
            (['tls-ca', 'live-token-file'].includes(name) || (name.endsWith('secret-file') && kind === 'an empty file'))
          assert.equal(line === undefined, isTaken && !holdsNothing, `${name}:\n${stdout}`)
        }
        assert.equal(code, 1)
      } finally {
        rmSync(folder, { recursive: true })
      }
    })
  }
})

async function validated(options: readonly string[]): Promise<{ stdout: string; code: number | string }> {
  const program = new LiveProgram(spawn(join(root, 'bin/ami-track'), ['validate', ...options], { stdio: 'pipe' }))
  return { code: await program.ended, stdout: program.stdout }
}
