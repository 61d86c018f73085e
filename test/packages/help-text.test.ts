import { strict as assert } from 'node:assert'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe } from 'node:test'
import { pageRoutes } from '../../lib/live/page-routes.ts'
import { bundle } from '../../packaging/bundle.ts'
import { Completion } from '../../packaging/completion.ts'
import { helpPages } from '../../packaging/help-pages.ts'
import { optionsOf, readHelp, subcommandsOf } from '../../packaging/help-text.ts'
import { manualPage } from '../../packaging/manual.ts'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { fixture, goldenOf } from '../support/fixtures.ts'
import { LiveProgram } from '../support/live-program.ts'
import { root } from '../support/package.ts'
import { runPipe } from '../support/programs.ts'
import { sampledIt, sampleOf } from '../support/sample.ts'
import { scrape } from '../support/scrape.ts'

const it = sampledIt(3)

const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const programs = Object.keys(bin)
const pages = helpPages(root, programs)
/** The help text of each command, also of `ami-track explain`. */
const helps = new Map(pages.map(({ command, help }) => [command, help]))
const folder = mkdtempSync(join(tmpdir(), 'ami-track-help-'))
after(() => rmSync(folder, { recursive: true }))

describe('a help text', () => {
  it('is read with its options, also several on a line, and its subcommands', () => {
    const parts = readHelp(helps.get('qlog-write') ?? '')
    const options = optionsOf(parts)
    assert.deepEqual(
      options.find(({ names }) => names[0] === '--login'),
      {
        shown: ['--login'],
        names: ['--login'],
        value: 'LOGIN',
        text: 'the user in manager.conf; it needs write = agent',
      },
    )
    const names = options.flatMap((option) => option.names)
    for (const name of ['--queuelog', '--strict', '--help', '--version', '--host', '--logfile']) {
      assert.ok(names.includes(name), name)
    }
    assert.deepEqual(subcommandsOf(readHelp(helps.get('ami-track') ?? '')), [
      'doctor',
      'validate',
      'status',
      'top',
      'tap',
      'fleet',
      'explain',
      'regexp',
      'settings',
    ])
  })

  it('of each program has options that the program knows', async () => {
    for (const [command, help] of sampleOf([...helps], 4)) {
      const names = optionsOf(readHelp(help)).flatMap((option) => option.names)
      const others = names.filter((name) => name !== '--help' && name !== '--version').map((name) => `${name}=1`)
      const dump = /^Usage: \S+ \S+ DUMP/.test(help) ? ['dump.ami'] : []
      // The first one that is unknown is told of.
      const { stderr } = await runPipe([[...command.split(' '), ...dump, ...others, '--no-such-option']])
      assert.match(stderr, /unknown option "--no-such-option"/, command)
    }
  })

  it('is there for each program, and for each subcommand that shows one of its own', async () => {
    const names = pages.map(({ name }) => name)
    for (const program of programs) {
      assert.ok(names.includes(program), program)
      for (const subcommand of sampleOf(subcommandsOf(readHelp(helps.get(program) ?? '')), 4)) {
        const { stdout } = await runPipe([[program, subcommand, '--help']])
        const own = helps.get(`${program} ${subcommand}`)
        assert.equal(stdout, own ?? helps.get(program), subcommand)
        assert.ok(own === undefined || stdout.startsWith(`Usage: ${program} ${subcommand}`))
      }
    }
    assert.ok(names.includes('ami-track-explain'))
  })
})

describe('a manual page', () => {
  const names = pages.map(({ name }) => name)
  const manuals = pages.map((page) => ({
    ...page,
    roff: manualPage(page, { version: '1.2.3', date: new Date(0), names }),
  }))

  it('says all that the help text says', () => {
    for (const { name: program, help, roff: page } of manuals) {
      const plain = page.replace(/\\f[BIR]/g, '').replaceAll('\\-', '-')
      for (const { shown, text } of optionsOf(readHelp(help))) {
        assert.ok(plain.includes(shown.join(', ')), `${program} ${shown}`)
        for (const word of text.match(/\b[a-z]{4,}\b/g) ?? []) assert.ok(plain.includes(word), `${program}: ${word}`)
      }
      assert.match(page, /^\.SH EXAMPLES$/m)
    }
  })

  it('names every other page, also those of subcommands, and none twice', () => {
    for (const { name, roff } of manuals) {
      const [, others = ''] = roff.split('.SH SEE ALSO\n')
      const named = [...others.matchAll(/^\.BR (\S+) \(1\),?$/gm)].map(([, other = '']) => other.replaceAll('\\-', '-'))
      assert.deepEqual(
        named,
        names.filter((other) => other !== name),
      )
    }
  })

  it('of a subcommand has its name with a hyphen, and its command lines as they are typed', () => {
    const roff = manuals.find(({ name }) => name === 'ami-track-explain')?.roff ?? ''
    assert.match(roff, /^\.TH "AMI\\-TRACK\\-EXPLAIN" "1" /)
    assert.match(roff, /^\.SH NAME\nami\\-track\\-explain \\- explains why the calls /m)
    assert.match(roff, /^\.B ami\\-track explain\nDUMP\\\[u2026\] /m)
  })

  it('is a page with which man and mandoc find nothing wrong', (t) => {
    const [man, mandoc] = ['man', 'mandoc'].map((tool) => spawnSync(tool, ['--version']).error === undefined)
    if (!man && !mandoc) return t.skip('neither man nor mandoc is here')
    for (const { name: program, roff: page } of manuals) {
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
  const completion = new Completion(pages)
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
    assert.deepEqual(await offered('ami-track', '--outboundt'), ['--outboundthreshold'])
    assert.deepEqual(await offered('/usr/bin/ami-parse', '--s'), ['--strict'])
    for (const [command, help] of sampleOf([...helps], 4)) {
      const options = optionsOf(readHelp(help)).flatMap(({ names }) => names)
      assert.deepEqual((await offered(...command.split(' '), '--')).sort(), options.sort(), command)
    }
  })

  it('of bash offers what can stand behind an option, also behind an equals sign', async () => {
    assert.deepEqual(await offered('ami-track', '--moh', ''), ['0', '1'])
    assert.deepEqual(await offered('ami-track', '--hotdesking', ''), ['0', '1', 'names'])
    assert.deepEqual(await offered('ami-track', '--agentname', ''), ['interface', 'member'])
    assert.deepEqual(await offered('ami-track', '--preset', 'n'), ['nethvoice'])
    assert.deepEqual(await offered('ami-track', 'settings', '--preset', 'q'), ['qpanel'])
    assert.deepEqual(await offered('ami-track', '--moh', '='), ['0', '1'])
    assert.deepEqual(await offered('ami-track', '--moh', '=', '1'), ['1'])
    assert.deepEqual(await offered('qlog-write', '--loglevel', 'd'), ['debug'])
    assert.deepEqual(await offered('ami-track', '--replay', join(folder, 'ami-track.b')), [script])
    assert.deepEqual(await offered('ami-track', 'explain', 'dump.ami', join(folder, 'ami-track.b')), [script])
    assert.deepEqual(await offered('ami-track', '--host', ''), [])
  })

  it('of bash offers subcommands where they stand, and their files', async () => {
    assert.ok((await offered('ami-track', '')).includes('regexp'))
    assert.ok(!(await offered('ami-track', '--moh', '1', '')).includes('regexp'))
    assert.ok(!(await offered('ami-track', 'explain', 'dump.ami', '')).includes('regexp'))
    for (const subcommand of ['settings', 'explain']) {
      assert.deepEqual(await offered('ami-track', subcommand, join(folder, 'ami-track.b')), [script])
    }
  })

  it('of bash offers the options of a subcommand behind it, and what stands behind those', async () => {
    assert.deepEqual(await offered('ami-track', 'explain', 'dump.ami', '--qu'), ['--queue', '--queuelog'])
    assert.deepEqual(await offered('ami-track', 'explain', 'dump.ami', '--outboundt'), ['--outboundthreshold'])
    assert.deepEqual(await offered('ami-track', 'explain', 'dump.ami', '--moh', '='), ['0', '1'])
    assert.deepEqual(await offered('ami-track', 'regexp', '^SIP', '--r'), ['--replay'])
    // As long as the subcommand is being typed, it is none yet.
    assert.deepEqual(await offered('ami-track', 'explain'), ['explain'])
  })

  it('of bash offers a file with a blank in its name as one', async () => {
    const file = join(folder, 'a dump.ami')
    writeFileSync(file, '')
    assert.deepEqual(await offered('ami-track', '--replay', join(folder, 'a ')), [file])
  })

  it('of zsh is a script that zsh takes', (t) => {
    if (spawnSync('zsh', ['--version']).error) return t.skip('no zsh')
    const file = join(folder, '_ami-track')
    writeFileSync(file, completion.zsh())
    const { stderr } = spawnSync('zsh', ['-n', file])
    assert.equal(String(stderr), '')
  })

  it('of zsh offers options, subcommands, values and files where they stand', async (t) => {
    if (spawnSync('zsh', ['--version']).error) return t.skip('no zsh')
    writeFileSync(join(folder, '_ami-track'), completion.zsh())
    const typed = async (line: string): Promise<string[]> => {
      const command = ['timeout', '20', 'zsh', '-f', join(root, 'test/packages/offered.zsh'), folder, line]
      const { stdout, codes } = await runPipe([command])
      assert.deepEqual(codes, [0], line)
      return [...stdout.matchAll(/<([^<>\s]+)>(?!>)/g)].map(([, word = '']) => word).sort()
    }
    assert.deepEqual(await typed('ami-track --outboundt'), ['--outboundthreshold'])
    assert.deepEqual(await typed('ami-track --preset n'), ['nethvoice'])
    assert.deepEqual(await typed('ami-track exp'), ['explain'])
    assert.deepEqual(await typed('ami-track explain dump.ami --qu'), ['--queue', '--queuelog'])
    assert.deepEqual(await typed(`ami-track explain ${folder}/ami-track.b`), ['ami-track.bash'])
    assert.deepEqual(await typed('ami-track explain dump.ami --moh '), ['0', '1'])
    assert.deepEqual(await typed('ami-track regexp ^SIP --repl'), ['--replay'])
    assert.deepEqual(await typed('track-parked --rew'), ['--rewriteuniqueids'])
  })

  it('is not made of help texts that say different things of one option', () => {
    const page = (name: string, help: string) => ({ name, command: name, help })
    const moh = page('one', 'Usage: one\n\nOptions:\n  --moh 1    track\n')
    const other = page('two', 'Usage: two\n\nOptions:\n  --moh FILE    track\n')
    assert.throws(() => new Completion([moh, other]), /help\/two\.txt says something else .* behind --moh /)
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
    for (const [command, help] of sampleOf([...helps], 4)) {
      const [program = '', ...subcommand] = command.split(' ')
      assert.equal((await runPipe([called(program, ...subcommand, '--help')])).stdout, help)
    }
    const commands = [called('ami-parse'), called('track-moh'), called('qlog-write')]
    const { stdout, stderr } = await runPipe(commands, { input: { file: amiFile } })
    assert.equal(stdout, goldenOf(fixture('asterisk-22/queue_hold'), 'track-moh'))
    assert.equal(stderr, '')
    const { stdout: verdict } = await runPipe([called('ami-track', 'regexp', '^SIP', 'SIP/1-1')])
    assert.match(verdict, /hidden/)
  })

  it('carry what only a daemon with --metrics and --live loads, and the page', async () => {
    const server = await FakeAsterisk.start()
    const doors = ['--metrics', '127.0.0.1:0', '--live', '127.0.0.1:0']
    const connect = ['--port', String(server.port), '--login', 'tracker', ...doors]
    const [shell = '', ...args] = called('ami-track', ...connect)
    const program = new LiveProgram(spawn(shell, args, { env: { ...process.env, AMISECRET: 'tr4ck' } }))
    await server.session()
    assert.equal((await scrape(program)).samples.get('ami_track_connected'), 1)
    const { msg } = await program.untilLog(/^the page of the open calls is at /)
    for (const path of Object.keys(pageRoutes())) {
      const response = await fetch(new URL(path, msg.replace(/^.* at /, '')))
      const file = join(root, 'live-page', path === '/' ? 'index.html' : path)
      assert.equal(await response.text(), readFileSync(file, 'utf8'), path)
    }
    assert.equal(await program.stop(), 0)
    await server.stop()
  })
})
