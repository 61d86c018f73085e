import { strict as assert } from 'node:assert'
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { publint } from 'publint'
import { pageRoutes } from '../lib/live/page-routes.ts'
import { eventsFor } from '../lib/trackers/row.ts'
import { neededEvents, trackers } from '../lib/trackers/table.ts'
import { FakeAsterisk } from './support/fake-asterisk.ts'
import { fixture, goldenOf } from './support/fixtures.ts'
import { InstalledPackage } from './support/installed-package.ts'
import { LiveProgram } from './support/live-program.ts'
import { entryFiles, root } from './support/package.ts'

const { bin, dependencies, devDependencies, scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

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
  let installed: InstalledPackage
  before(() => {
    installed = new InstalledPackage()
  })
  after(() => installed.remove())
  const contents = (): string[] =>
    readdirSync(installed.path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(installed.path, join(parentPath, name)))

  it('pins every dependency to one version', () => {
    for (const version of Object.values({ ...dependencies, ...devDependencies })) {
      assert.match(String(version), /^\d+\.\d+\.\d+(-[\w.]+)?$/)
    }
  })

  it('has every command, also from the working tree by its own name', () => {
    const { amiFile } = fixture('asterisk-22/queue_hold')
    for (const [name, path] of Object.entries<string>(bin)) {
      accessSync(join(root, 'bin', name), constants.X_OK)
      const version = execFileSync(process.execPath, [join(installed.path, path), '--version'], { encoding: 'utf8' })
      assert.match(version, new RegExp(`^${name} `))
    }
    const replay = [join(installed.path, bin['ami-track']), '--replay', amiFile]
    const lines = execFileSync(process.execPath, replay, { encoding: 'utf8' })
    assert.equal(lines, goldenOf(fixture('asterisk-22/queue_hold')))
  })

  it('has the page of the open calls, and nothing that only building needs', async () => {
    const server = await FakeAsterisk.start()
    const options = ['--port', String(server.port), '--login', 'tracker', '--live', '127.0.0.1:0']
    const env = { ...process.env, AMISECRET: 'tr4ck' }
    const command = [join(installed.path, bin['ami-track']), ...options]
    const program = new LiveProgram(spawn(process.execPath, command, { env, stdio: 'pipe' }))
    try {
      const { msg } = await program.untilLog(/^the page of the open calls is at /)
      await server.session()
      for (const path of Object.keys(pageRoutes())) {
        assert.equal((await fetch(new URL(path, msg.replace(/^.* at /, '')))).status, 200, path)
      }
    } finally {
      program.signal('SIGKILL')
      await program.ended
      await server.stop()
    }
    assert.ok(!contents().includes('live-page/tsconfig.json'))
  })

  it('has of the library only what its entry points load, and all of that', () => {
    const loaded = new Set<string>()
    const load = (file: string): void => {
      if (loaded.has(file)) return
      loaded.add(file)
      const text = readFileSync(join(installed.path, file), 'utf8')
      for (const [, target = ''] of text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)) {
        load(join(dirname(file), target.replace(/\.ts$/, '.d.ts')))
      }
    }
    for (const file of entryFiles) for (const end of ['js', 'd.ts']) load(`dist/lib/${file.replace(/ts$/, end)}`)
    const folders = new Set([...loaded].map((file) => dirname(file)))
    const others = contents().filter((file) => file.startsWith('dist/lib/') && !folders.has(dirname(file)))
    assert.deepEqual(others, [])
  })

  it('has no pictures, no source maps, no sources and no tests', () => {
    for (const file of contents()) {
      assert.match(
        file,
        /^(dist\/(lib|programs)|docs|help|live-page)\/|^(README\.md|CHANGELOG\.md|LICENSE|package\.json)$/,
      )
      assert.doesNotMatch(file, /\.png$|\.map$|(?<!\.d)\.ts$|(^|\/)test\/|\.test\./)
      if (file.endsWith('.js')) {
        assert.doesNotMatch(readFileSync(join(installed.path, file), 'utf8'), /^\/\/# sourceMappingURL/m)
      }
    }
  })

  it('is packed after a build that needs npm alone', () => {
    assert.doesNotMatch(`${scripts.prepack} ${scripts.build}`, /\bmake\b/)
    assert.match(scripts.prepack, /npm run build/)
  })

  it('is found sound by publint', async () => {
    const { messages } = await publint({ pkgDir: installed.path, pack: false, strict: true })
    assert.deepEqual(messages, [])
  })

  it('has types that are right for whoever imports it, in the eyes of attw: as ES modules alone', () => {
    const attw = join(root, 'node_modules/.bin/attw')
    // node10 knows no subpaths. That require() loads ES modules is an error no more, from Node 20.19 and 22.12 on.
    const rules = ['--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm']
    const { status, stdout, stderr } = spawnSync(attw, [installed.tarball, ...rules], { encoding: 'utf8' })
    assert.equal(status, 0, stdout + stderr)
  })
})
