import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { eventsFor } from '../lib/trackers/row.ts'
import { neededEvents, trackers } from '../lib/trackers/table.ts'
import { fixture, goldenOf } from './support/fixtures.ts'
import { root } from './support/package.ts'

const { bin, dependencies, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

describe('the table of trackers', () => {
  for (const tracker of trackers) {
    const { program } = tracker
    it(`${program} has its program, its command, and its events are let through`, () => {
      assert.ok(existsSync(join(root, `bin/${program}.ts`)), `bin/${program}.ts is missing`)
      assert.equal(bin[program], `dist/programs/${program}.js`, `"${program}" is missing in bin of package.json`)
      for (const event of eventsFor(tracker)) assert.ok(neededEvents.has(event), event)
    })
  }
})

describe('the package', () => {
  let folder = ''
  let installed = ''

  // What `npm install` of the packed file does, but for the download of the dependencies: those are the repository's.
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ami-track-package-'))
    const pack = ['pack', '--ignore-scripts', '--json', '--loglevel=error', '--pack-destination', folder]
    const [{ filename }] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }))
    const modules = join(folder, 'node_modules')
    installed = join(modules, 'ami-track')
    mkdirSync(installed, { recursive: true })
    execFileSync('tar', ['-xzf', join(folder, filename), '-C', installed, '--strip-components=1'])
    mkdirSync(join(installed, 'node_modules'))
    for (const name of Object.keys(dependencies)) {
      mkdirSync(dirname(join(installed, 'node_modules', name)), { recursive: true })
      symlinkSync(join(root, 'node_modules', name), join(installed, 'node_modules', name))
    }
  })
  after(() => rmSync(folder, { recursive: true }))

  it('pins every dependency to one version', () => {
    for (const version of Object.values({ ...dependencies, ...devDependencies })) {
      assert.match(String(version), /^\d+\.\d+\.\d+(-[\w.]+)?$/)
    }
  })

  it('has every command, also from the working tree by its own name', () => {
    const { amiFile } = fixture('asterisk-22/queue_hold')
    for (const [name, path] of Object.entries<string>(bin)) {
      accessSync(join(root, 'bin', name), constants.X_OK)
      const version = execFileSync(process.execPath, [join(installed, path), '--version'], { encoding: 'utf8' })
      assert.match(version, new RegExp(`^${name} `))
    }
    const replay = [join(installed, bin['ami-track']), '--replay', amiFile]
    const lines = execFileSync(process.execPath, replay, { encoding: 'utf8' })
    assert.equal(lines, goldenOf(fixture('asterisk-22/queue_hold')))
  })

  it('has the page of the open calls, and nothing that only building needs', async () => {
    const { pageRoutes } = await import(pathToFileURL(join(installed, 'dist/lib/live/page-routes.js')).href)
    assert.ok('/live.js' in pageRoutes())
    assert.ok(!readdirSync(join(installed, 'live-page')).includes('tsconfig.json'))
  })

  it('has types for a program that builds its own chain, and runs it', () => {
    const { amiFile } = fixture('asterisk-22/queue_hold')
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
    writeFileSync(
      join(folder, 'own.ts'),
      `import { createReadStream } from 'node:fs'
       import { pipeline } from 'node:stream/promises'
       import { type QueueLogRecord, amiParse, batchStage, createTrackers, queueLogRecords, queueLogText, trackerStage } from 'ami-track'
       const onlyHolds = batchStage((record, out) => { if (record.kind === 'queue_log') out.push(record satisfies QueueLogRecord) })
       const stages = [amiParse(), trackerStage(createTrackers({ moh: true })), onlyHolds, queueLogRecords(), queueLogText()] as const
       await pipeline(createReadStream(process.argv[2] ?? ''), ...stages, process.stdout)`,
    )
    const options = ['--module', 'nodenext', '--target', 'es2023', '--strict', '--types', 'node']
    const roots = ['--typeRoots', join(root, 'node_modules/@types')]
    execFileSync(join(root, 'node_modules/.bin/tsc'), [...options, ...roots, 'own.ts'], {
      cwd: folder,
      stdio: 'inherit',
    })
    const lines = execFileSync(process.execPath, [join(folder, 'own.js'), amiFile], { encoding: 'utf8' })
    assert.equal(lines, goldenOf(fixture('asterisk-22/queue_hold')))
  })
})
