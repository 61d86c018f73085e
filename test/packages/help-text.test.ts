import { strict as assert } from 'node:assert'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { bundle } from '../../packaging/bundle.ts'
import { Completion } from '../../packaging/completion.ts'
import { optionsOf, readHelp, subcommandsOf } from '../../packaging/help-text.ts'
import { manualPage } from '../../packaging/manual.ts'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { fixture, goldenOf } from '../support/fixtures.ts'
import { LiveProgram } from '../support/live-program.ts'
import { root } from '../support/package.ts'
import { runPipe } from '../support/programs.ts'
import { scrape } from '../support/scrape.ts'

const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const programs = Object.keys(bin)
const helps = new Map(programs.map((name) => [name, readFileSync(join(root, `help/${name}.txt`), 'utf8')]))
const folder = mkdtempSync(join(tmpdir(), 'ami-track-help-'))
after(() => rmSync(folder, { recursive: true }))

describe('a help text', () => {
  it('is read with its options, also several on a line, and its subcommands', () => {
    const parts = readHelp(helps.get('qlog-write') ?? '')
    const options = optionsOf(parts)
    assert.deepEqual(
      options.find(({ names }) => names[0] === '--login'),
      {
        names: ['--login'],
        value: 'LOGIN',
        text: 'the user in manager.conf; it needs write = agent',
      },
    )
    const names = options.flatMap((option) => option.names)
    for (const name of ['--queuelog', '--strict', '--help', '--version', '--host', '--logfile']) {
      assert.ok(names.includes(name), name)
    }
    assert.deepEqual(subcommandsOf(readHelp(helps.get('ami-track') ?? '')), ['explain', 'regexp', 'settings'])
  })

  it('of each program has options that the program knows', async () => {
    for (const [program, help] of helps) {
      const names = optionsOf(readHelp(help)).flatMap((option) => option.names)
      const others = names.filter((name) => name !== '--help' && name !== '--version').map((name) => `${name}=1`)
      // The first one that is unknown is told of.
      const { stderr } = await runPipe([[program, ...others, '--no-such-option']])
      assert.match(stderr, /unknown option "--no-such-option"/, program)
    }
  })
})

describe('a manual page', () => {
  const pages = [...helps].map(([program, help]): [string, string] => [
    program,
    manualPage(help, { program, version: '1.2.3', date: new Date(0), programs }),
  ])

  it('says all that the help text says', () => {
    for (const [program, page] of pages) {
      const plain = page.replace(/\\f[BIR]/g, '').replaceAll('\\-', '-')
      for (const { names, text } of optionsOf(readHelp(helps.get(program) ?? ''))) {
        assert.ok(plain.includes(names.join(', ')), `${program} ${names}`)
        for (const word of text.match(/\b[a-z]{4,}\b/g) ?? []) assert.ok(plain.includes(word), `${program}: ${word}`)
      }
      assert.match(page, /^\.SH EXAMPLES$/m)
    }
  })

  it('is a page with which man and mandoc find nothing wrong', (t) => {
    const [man, mandoc] = ['man', 'mandoc'].map((tool) => spawnSync(tool, ['--version']).error === undefined)
    if (!man && !mandoc) return t.skip('neither man nor mandoc is here')
    for (const [program, page] of pages) {
      const file = join(folder, `${program}.1`)
      writeFileSync(file, page)
      const env = { ...process.env, LC_ALL: 'C.UTF-8', MANWIDTH: '80', MANROFFOPT: '' }
      const said = [
        ...(man ? [spawnSync('man', ['--warnings', '-E', 'UTF-8', '-l', '-Tutf8', '-Z', file], { env }).stderr] : []),
        ...(mandoc ? [spawnSync('mandoc', ['-Tlint', '-W', 'warning', file]).stdout] : []),
      ]
      assert.equal(said.join(''), '', program)
    }
  })
})

describe('completion', () => {
  const completion = new Completion(helps)
  const script = join(folder, 'ami-track.bash')
  writeFileSync(script, completion.bash())

  /** What bash offers at the end of these words. */
  async function offered(...words: string[]): Promise<string[]> {
    const line = words.map((word) => `'${word}'`).join(' ')
    const ask = `. ${script}; COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _ami_track ${words[0]}; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout } = await runPipe([['bash', '-c', ask]])
    return stdout.split('\n').filter((word) => word !== '')
  }

  it('of bash offers the options of each program, and no others', async () => {
    assert.deepEqual(await offered('track-moh', '--'), ['--help', '--version'])
    assert.deepEqual(await offered('ami-track', '--out'), ['--outboundcalls', '--outboundthreshold'])
    assert.deepEqual(await offered('/usr/bin/ami-parse', '--s'), ['--strict'])
    for (const [program, help] of helps) {
      const options = optionsOf(readHelp(help)).flatMap(({ names }) => names)
      assert.deepEqual((await offered(program, '--')).sort(), options.sort(), program)
    }
  })

  it('of bash offers what can stand behind an option, also behind an equals sign', async () => {
    assert.deepEqual(await offered('ami-track', '--moh', ''), ['0', '1'])
    assert.deepEqual(await offered('ami-track', '--moh', '='), ['0', '1'])
    assert.deepEqual(await offered('ami-track', '--moh', '=', '1'), ['1'])
    assert.deepEqual(await offered('qlog-write', '--loglevel', 'd'), ['debug'])
    assert.deepEqual(await offered('ami-track', '--replay', join(folder, 'ami-track.b')), [script])
    assert.deepEqual(await offered('ami-track', '--host', ''), [])
  })

  it('of bash offers subcommands where they stand, and their files', async () => {
    assert.ok((await offered('ami-track', '')).includes('regexp'))
    assert.ok(!(await offered('ami-track', '--moh', '1', '')).includes('regexp'))
    assert.deepEqual(await offered('ami-track', 'settings', join(folder, 'ami-track.b')), [script])
  })

  it('of zsh is a script that zsh takes', (t) => {
    if (spawnSync('zsh', ['--version']).error) return t.skip('no zsh')
    const file = join(folder, '_ami-track')
    writeFileSync(file, completion.zsh())
    const { stderr } = spawnSync('zsh', ['-n', file])
    assert.equal(String(stderr), '')
  })
})

describe('the programs in one file, of which the executable is made', () => {
  const file = join(folder, 'programs.cjs')
  const called = (program: string, ...args: string[]): string[] => [
    'bash',
    '-c',
    `exec -a ${program} node "$@"`,
    '-',
    file,
    ...args,
  ]
  before(() => bundle(root, file))

  it('are called by their names, and carry their help texts and libraries', async () => {
    const { amiFile } = fixture('asterisk-22/queue_hold')
    for (const [program, help] of helps) {
      assert.equal((await runPipe([called(program, '--help')])).stdout, help)
    }
    const commands = [called('ami-parse'), called('track-moh'), called('qlog-write')]
    const { stdout, stderr } = await runPipe(commands, { input: { file: amiFile } })
    assert.equal(stdout, goldenOf(fixture('asterisk-22/queue_hold'), 'track-moh'))
    assert.equal(stderr, '')
    const { stdout: verdict } = await runPipe([called('ami-track', 'regexp', '^SIP', 'SIP/1-1')])
    assert.match(verdict, /hidden/)
  })

  it('carry what only a daemon with --metrics loads', async () => {
    const server = await FakeAsterisk.start()
    const connect = ['--port', String(server.port), '--login', 'tracker', '--metrics', '127.0.0.1:0']
    const [shell = '', ...args] = called('ami-track', ...connect)
    const program = new LiveProgram(spawn(shell, args, { env: { ...process.env, AMISECRET: 'tr4ck' } }))
    await server.session()
    assert.equal((await scrape(program)).samples.get('ami_track_connected'), 1)
    assert.equal(await program.stop(), 0)
    await server.stop()
  })
})
