import { strict as assert } from 'node:assert'
import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { after, before, describe, it } from 'node:test'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { heldCall } from '../support/held-call.ts'
import { InstalledPackage } from '../support/installed-package.ts'
import { LiveProgram } from '../support/live-program.ts'
import { root } from '../support/package.ts'
import { endOf } from '../support/programs.ts'

interface Example {
  readonly language: 'ts' | 'js' | 'cjs'
  readonly isLive: boolean
  readonly code: string
  /** What the page says that it prints. */
  readonly output: string | undefined
  /** The file that Node runs. */
  readonly file: string
}

const page = readFileSync(join(root, 'docs/library.md'), 'utf8')
const FENCED = /^```(ts|js|cjs)( live)?\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm
const ENDINGS = { ts: 'js', js: 'mjs', cjs: 'cjs' }

const examples = [...page.matchAll(FENCED)].map(([, language, live, code = '', output], n): Example => {
  const kind = language as Example['language']
  return { language: kind, isLive: live !== undefined, code, output, file: `example-${n}.${ENDINGS[kind]}` }
})

/** The recording that the page names for a file of its examples. */
const recordingOf = (name: string): string =>
  new RegExp(`\`${name}\`\\s+is\\s+\`(fixtures/\\S+)\``).exec(page)?.[1] ?? `no recording for ${name}`

describe('the examples of docs/library.md, on the package as npm installs it', () => {
  let installed: InstalledPackage
  const file = (name: string): string => join(installed.folder, name)

  before(() => {
    installed = new InstalledPackage()
    installed.link('@types/node')
    installed.link('undici-types')
    writeFileSync(file('package.json'), '{"type":"module"}')
    for (const name of ['dump.ami', 'queue_log']) copyFileSync(join(root, recordingOf(name)), file(name))
    for (const { language, code, file: name } of examples) {
      writeFileSync(file(language === 'ts' ? name.replace(/\.js$/, '.ts') : name), code)
    }
    writeFileSync(
      file('commonjs.cts'),
      "import { track } from 'ami-track'\ntrack({ outboundcalls: true }).end()\nconsole.log('runs')\n",
    )
    const sources = examples.filter(({ language }) => language === 'ts').map(({ file }) => file.replace(/\.js$/, '.ts'))
    // Without skipLibCheck: the types of the package have to be whole by themselves.
    const options = ['--module', 'nodenext', '--target', 'es2023', '--strict', '--types', 'node']
    execFileSync(join(root, 'node_modules/.bin/tsc'), [...options, ...sources, 'commonjs.cts'], {
      cwd: installed.folder,
      stdio: 'inherit',
    })
  })
  after(() => installed.remove())

  async function run(name: string): Promise<{ stdout: string; stderr: string; code: number | string }> {
    const child = spawn(process.execPath, [file(name)], { cwd: installed.folder })
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), endOf(child)])
    return { stdout, stderr, code }
  }

  it('are in TypeScript, as ES modules and in CommonJS, and each is followed by what it prints', () => {
    assert.deepEqual(new Set(examples.map(({ language }) => language)), new Set(['ts', 'js', 'cjs']))
    assert.equal(examples.length, [...page.matchAll(/^```(?!text|$)/gm)].length)
    for (const { isLive, output } of examples) assert.equal(output === undefined, isLive)
  })

  for (const { file: name, language, isLive, output, code } of examples) {
    const first = code.split('\n').find((line) => line.includes("'ami-track"))
    if (!isLive) {
      it(`${name}, ${language}: ${first}`, async () => {
        assert.deepEqual(await run(name), { stdout: output, stderr: '', code: 0 })
      })
    }
  }

  it('live, on a server', async () => {
    const live = examples.filter(({ isLive }) => isLive)
    assert.equal(live.length, 1)
    const server = await FakeAsterisk.start()
    const env = { ...process.env, AMIPORT: String(server.port), AMISECRET: 'tr4ck' }
    const program = new LiveProgram(spawn(process.execPath, [file(live[0]?.file ?? '')], { env, stdio: 'pipe' }))
    try {
      const session = await server.session()
      assert.equal(session.sent('Login')[0]?.get('events'), 'system,call,agent')
      server.send(heldCall(7))
      await program.untilStdout(/^CALLERONHOLD Jane queue-7$/m)
      program.signal('SIGINT')
      assert.equal(await program.ended, 0)
      assert.equal(program.stderr, '')
    } finally {
      program.signal('SIGKILL')
      await server.stop()
    }
  })

  it('also where TypeScript makes CommonJS of them', async () => {
    assert.deepEqual(await run('commonjs.cjs'), { stdout: 'runs\n', stderr: '', code: 0 })
  })
})
