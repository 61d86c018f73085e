import { strict as assert } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { describe, it } from 'node:test'
import { entryFiles, root } from './support/package.ts'

/** The folders of lib, each below those that may import it, and what it imports. A new arrow is a decision: it is made here. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  text: [],
  ami: ['text'],
  files: ['text', 'ami'],
  options: ['text', 'files'],
  http: ['text', 'files', 'options'],
  'queue-log': ['text', 'ami', 'files'],
  records: ['text', 'ami', 'queue-log'],
  calls: ['ami'],
  trackers: ['text', 'ami', 'options', 'queue-log', 'records', 'calls'],
  streams: ['text', 'ami', 'queue-log', 'records', 'calls', 'trackers'],
  explain: ['text', 'ami', 'files', 'options', 'queue-log', 'records', 'calls', 'trackers', 'streams'],
  state: ['text', 'ami', 'queue-log', 'records', 'calls', 'trackers', 'streams'],
  connection: ['text', 'ami'],
  sinks: ['text', 'ami', 'files', 'queue-log', 'trackers', 'streams'],
  election: ['text', 'ami', 'sinks'],
  status: ['ami', 'files', 'http', 'queue-log', 'records', 'trackers', 'connection', 'sinks', 'election'],
  live: ['text', 'files', 'options', 'explain', 'http', 'streams', 'queue-log', 'trackers', 'election', 'status'],
  nats: ['text'],
  ship: ['text', 'options', 'http', 'queue-log', 'connection', 'nats', 'status'],
  fleet: ['text', 'nats'],
  doctor: ['text', 'ami', 'options', 'queue-log', 'calls', 'trackers', 'connection', 'sinks', 'election'],
  look: ['text', 'files', 'explain', 'live'],
  daemon: [
    'text',
    'ami',
    'files',
    'options',
    'queue-log',
    'records',
    'calls',
    'trackers',
    'streams',
    'state',
    'connection',
    'sinks',
    'election',
    'status',
    'http',
    'live',
  ],
  cli: [
    'text',
    'ami',
    'files',
    'options',
    'queue-log',
    'records',
    'trackers',
    'streams',
    'explain',
    'sinks',
    'nats',
    'ship',
    'fleet',
    'doctor',
    'look',
    'daemon',
  ],
}

const lib = join(root, 'lib')
const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'))

/** What a file of lib imports of lib, by paths below it: also what is only a type, unless that is not wished. */
function importsOf(file: string, { types = true } = {}): string[] {
  const source = readFileSync(join(lib, file), 'utf8')
  const text = types ? source : source.replace(/^(?:import|export) type [^']*'[^']*'$/gm, '')
  const paths = [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path = '']) => path)
  return paths.map((path) => relative(lib, normalize(join(lib, dirname(file), path))))
}

const folderOf = (file: string): string => file.split('/')[0] as string

describe('the folders of lib', () => {
  it('hold every file but those by which the package is imported', () => {
    assert.deepEqual(files.filter((file) => !file.includes('/')).sort(), entryFiles.toSorted())
  })

  it('import what they are known to import, and nothing else', () => {
    const arrows = new Map<string, Set<string>>()
    for (const file of files.filter((name) => name.includes('/'))) {
      const folder = folderOf(file)
      const known = arrows.get(folder) ?? new Set()
      for (const imported of importsOf(file)) if (folderOf(imported) !== folder) known.add(folderOf(imported))
      arrows.set(folder, known)
    }
    const found = Object.fromEntries([...arrows].sort().map(([folder, known]) => [folder, [...known].sort()]))
    const wanted = Object.fromEntries(Object.entries(ARROWS).map(([folder, known]) => [folder, known.toSorted()]))
    assert.deepEqual(found, Object.fromEntries(Object.entries(wanted).sort()))
  })

  it('import one way: each only those that stand above it in the table', () => {
    const order = Object.keys(ARROWS)
    for (const [folder, imported] of Object.entries(ARROWS)) {
      for (const other of imported)
        assert.ok(order.indexOf(other) < order.indexOf(folder), `${folder} imports ${other}`)
    }
  })

  it('have no circle among their files but of types', () => {
    const done = new Set<string>()
    const visit = (file: string, path: readonly string[]): void => {
      assert.ok(!path.includes(file), [...path, file].join(' → '))
      if (done.has(file)) return
      for (const imported of importsOf(file, { types: false })) visit(imported, [...path, file])
      done.add(file)
    }
    for (const file of files) visit(file, [])
  })
})
