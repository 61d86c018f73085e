import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { parse } from 'yaml'
import { root } from './support/package.ts'

const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')
const packageJson = JSON.parse(textOf('package.json'))

/** The commands of a script, each whole: what stands behind a backslash is one with the line before it. */
function commandsOf(script: string): string[] {
  const lines = script.replace(/\\\n\s*/g, '').split('\n')
  return lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
}

/** What `.ci/run` does, but for its first lines, which a job of the workflow has already. */
const parts = commandsOf(textOf('.ci/run')).filter((line) => !/^(set|cd) /.test(line))

describe('the workflow', () => {
  const { part } = parse(textOf('.github/workflows/ci.yml')).jobs
  const jobs: { name: string; run: string }[] = part.strategy.matrix.include

  it('runs every line of .ci/run, and nothing that does not stand there', () => {
    assert.ok(parts.length > 5)
    assert.deepEqual([...new Set(jobs.flatMap(({ run }) => commandsOf(run)))].sort(), [...new Set(parts)].sort())
  })

  it('runs in each job its lines in the order of .ci/run', () => {
    for (const { name, run } of jobs) {
      const places = commandsOf(run).map((line) => parts.indexOf(line))
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
        name,
      )
    }
  })

  it('hands the lines of a job to the shell, which ends at the first that fails, with the Node of .nvmrc', () => {
    assert.equal(part.defaults.run.shell, 'bash')
    assert.equal(part.steps.at(-1).run, '${' + '{ matrix.run }}')
    const setUp = part.steps.find(({ uses = '' }) => uses.startsWith('actions/setup-node@'))
    assert.equal(setUp.with['node-version-file'], '.nvmrc')
    assert.equal(packageJson.engines.node, `>=${textOf('.nvmrc').trim()}`)
  })

  it('takes actions by their commit, as a tag can be moved', () => {
    const used = part.steps.flatMap(({ uses }: { uses?: string }) => uses ?? [])
    assert.ok(used.length > 0)
    for (const action of used) assert.match(action, /@[\da-f]{40}$/)
  })
})

describe('the issue forms', () => {
  const folder = '.github/ISSUE_TEMPLATE'
  const names = readdirSync(join(root, folder)).filter((name) => name !== 'config.yml')

  for (const name of names) {
    const form = parse(textOf(`${folder}/${name}`))
    const fields: { type: string; id?: string; attributes: Record<string, string> }[] = form.body

    it(`${name} is a form as GitHub takes it: each field has an id of its own and a label`, () => {
      assert.ok(form.name && form.description)
      const asked = fields.filter(({ type }) => type !== 'markdown')
      const ids = asked.map(({ id = '' }) => id)
      assert.equal(new Set(ids).size, asked.length)
      for (const { type, id = '', attributes } of asked) {
        assert.match(type, /^(input|textarea|dropdown|checkboxes)$/)
        assert.match(id, /^[a-z]+$/)
        assert.ok(attributes.label)
      }
    })

    it(`${name} asks for a dump that is anonymized`, () => {
      const dump = fields.find(({ id }) => id === 'dump')
      assert.match(dump?.attributes.description ?? '', /ami-track explain dump\.ami --anonymize /)
    })
  }

  it('ask for the output of doctor where something is wrong', () => {
    const without = names.filter((name) => !textOf(`${folder}/${name}`).includes('`ami-track doctor '))
    assert.deepEqual(without, ['wish.yml'])
  })

  it('leave security problems to SECURITY.md', () => {
    const { blank_issues_enabled: isBlankAllowed, contact_links: links } = parse(textOf(`${folder}/config.yml`))
    assert.equal(isBlankAllowed, false)
    assert.ok(textOf('SECURITY.md').includes(`<${links[0].url}>`))
  })
})

describe('dependabot', () => {
  it('looks at each folder that has a lock file, and at the actions', () => {
    const { updates } = parse(textOf('.github/dependabot.yml'))
    const looked = updates.map((entry: Record<string, string>) => `${entry['package-ecosystem']} ${entry.directory}`)
    const locks = execFileSync('git', ['ls-files', 'package-lock.json', '*/package-lock.json'], { cwd: root })
    const folders = locks.toString('utf8').trim().split('\n').map(dirname)
    assert.ok(folders.length > 1)
    const wanted = folders.map((folder) => `npm /${folder === '.' ? '' : folder}`)
    assert.deepEqual(looked.toSorted(), [...wanted, 'github-actions /'].sort())
  })
})

describe('the launch file', () => {
  it('starts what is there, after the script that builds it', () => {
    const { configurations } = JSON.parse(textOf('.vscode/launch.json'))
    const started = configurations.filter(({ request }: { request: string }) => request === 'launch')
    assert.ok(started.length > 0)
    for (const { program, preLaunchTask } of started) {
      assert.ok(preLaunchTask.replace('npm: ', '') in packageJson.scripts)
      const path = program
        .replace('${' + 'workspaceFolder}', root)
        .replace('${' + 'relativeFileDirname}', 'test/trackers')
        .replace('${' + 'fileBasenameNoExtension}', 'fixtures.test')
      assert.ok(existsSync(path), path)
    }
  })
})

describe('the address of the repository', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ami-track-urls-'))
  after(() => rmSync(folder, { recursive: true }))
  const run = (command: string, ...args: string[]): string =>
    execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })

  it('is written by make urls wherever it stands, and again', () => {
    const old: string = packageJson.homepage
    const files = execFileSync('git', ['grep', '-lF', old], { cwd: root, encoding: 'utf8' }).trim().split('\n')
    for (const path of ['package.json', 'CONTRIBUTING.md', 'SECURITY.md', '.github/ISSUE_TEMPLATE/config.yml']) {
      assert.ok(files.includes(path), path)
    }
    for (const path of [...files, 'Makefile']) cpSync(join(root, path), join(folder, path))
    run('git', 'init', '-q')
    run('git', 'add', '.')
    const counted = (address: string): number =>
      files.reduce((sum, path) => sum + readFileSync(join(folder, path), 'utf8').split(address).length - 1, 0)
    const before = counted(old)
    for (const address of ['https://git.example.com/ann/calls', 'https://pbx.example/calls-2']) {
      run('make', 'urls', `REPOSITORY=${address}.git`)
      assert.deepEqual([counted(old), counted(address)], [0, before])
    }
    const { homepage, bugs, repository } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    assert.deepEqual(
      [homepage, bugs, repository.url],
      ['https://pbx.example/calls-2', 'https://pbx.example/calls-2/issues', 'git+https://pbx.example/calls-2.git'],
    )
  })

  it('is no address that make urls would write wrong', () => {
    for (const address of ['', 'http://pbx.example/calls', 'https://pbx.example/a|b', 'https://pbx.example/calls/']) {
      assert.throws(() => run('make', 'urls', `REPOSITORY=${address}`), address)
    }
  })
})

describe('what is for contributors alone', () => {
  it('is not in the package', () => {
    const pack = ['pack', '--dry-run', '--ignore-scripts', '--json', '--loglevel=error']
    const [{ files }] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }))
    const paths: string[] = files.map(({ path }: { path: string }) => path)
    assert.ok(paths.includes('README.md'))
    const others = ['CONTRIBUTING.md', 'SECURITY.md', '.editorconfig', '.nvmrc', 'Makefile']
    assert.deepEqual(
      paths.filter((path) => others.includes(path) || /^(\.|test\/|dist\/coverage\/)/.test(path)),
      [],
    )
  })
})
