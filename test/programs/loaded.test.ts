import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { fixture } from '../support/fixtures.ts'
import { root } from '../support/package.ts'

const programs = join(root, 'dist/programs')
const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** The files that a program loads before it does anything: those that are imported with `import(…)` come later. */
function loadedBy(program: string): string[] {
  const found = [join(programs, `${program}.js`)]
  for (const file of found) {
    const imports = readFileSync(file, 'utf8').matchAll(/^(?:import|\} from) "(\.[^"]+)";$/gm)
    for (const [, path = ''] of imports) {
      const next = join(dirname(file), path)
      if (!found.includes(next)) found.push(next)
    }
  }
  return found
}

// A guard of the start that times nothing: what a program loads is what it takes to begin.
describe('what a program loads before it does anything', () => {
  it('is few files, and no streams but those of Node', () => {
    for (const program of Object.keys(bin)) {
      const files = loadedBy(program)
      assert.ok(files.length <= (program === 'ami-track' ? 40 : 12), `${program} loads ${files.length} files`)
      const text = files.map((file) => readFileSync(file, 'utf8')).join('\n')
      assert.doesNotMatch(text, /^\/\/ .*node_modules\/readable-stream\//m, program)
    }
  })

  it('is neither cryptography nor a server in a replay', () => {
    const { amiFile } = fixture('asterisk-22/park_retrieve')
    const tell = 'process.on("exit", () => console.error(process.moduleLoadList.join("\\n")))'
    const node = ['--import', `data:text/javascript,${encodeURIComponent(tell)}`, join(programs, 'ami-track.js')]
    const line = [process.execPath, ...node, '--replay', amiFile, '--parkedcalls', '1']
    const quoted = line.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
    const loaded = execFileSync('bash', ['-c', `${quoted} 2>&1 > /dev/null`], { encoding: 'utf8' }).split('\n')
    assert.ok(loaded.includes('NativeModule fs'), 'the list is that of the replay')
    for (const name of ['crypto', 'http', 'tls', 'child_process']) {
      assert.ok(!loaded.includes(`NativeModule ${name}`), `a replay loads ${name}`)
    }
  })
})
