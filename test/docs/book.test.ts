import { strict as assert } from 'node:assert'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, it } from 'node:test'
import { helpPages } from '../../packaging/help-pages.ts'
import { optionsOf, readHelp, usagesOf } from '../../packaging/help-text.ts'
import { root } from '../support/package.ts'

const documents = [
  'README.md',
  'CHANGELOG.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'fixtures/README.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]
const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')
/** Code is no prose: what looks like a link or a heading there is none. */
const proseOf = (path: string): string =>
  textOf(path)
    .replace(/^ {4,}.*$/gm, '')
    .replace(/`[^`\n]*`/g, '')

/** The targets of the links and pictures of a document. */
function linksOf(path: string): string[] {
  return [...proseOf(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
}

/** The anchors of a document, as GitHub makes them of headings. */
function anchorsOf(path: string): string[] {
  const headings = [...textOf(path).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading = '']) => heading)
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

describe('the documents', () => {
  for (const path of documents) {
    it(`${path} has only links that lead somewhere`, () => {
      for (const link of linksOf(path)) {
        if (/^https?:/.test(link)) continue
        const [file = '', anchor] = link.split('#')
        const target = file === '' ? path : relative(root, join(root, dirname(path), file))
        assert.ok(existsSync(join(root, target)), `${path}: ${link}`)
        if (anchor !== undefined) assert.ok(anchorsOf(target).includes(anchor), `${path}: ${link}`)
      }
    })
  }

  it('are found wanting where a link leads nowhere', () => {
    assert.ok(linksOf('docs/README.md').includes('install.md'))
    assert.ok(anchorsOf('docs/connect.md').includes('managerconf'))
    assert.ok(!anchorsOf('docs/connect.md').includes('no-such-heading'))
  })

  it('stand all in the table of contents, and the readme points to it', () => {
    const listed = new Set(linksOf('docs/README.md'))
    for (const path of documents.filter((name) => name.startsWith('docs/') && name !== 'docs/README.md')) {
      assert.ok(listed.has(path.slice('docs/'.length)), `docs/README.md does not name ${path}`)
    }
    assert.ok(linksOf('README.md').includes('docs/README.md'))
  })

  it('name no option that no program has', () => {
    const { bin } = JSON.parse(textOf('package.json'))
    const parts = helpPages(root, Object.keys(bin)).map(({ help }) => readHelp(help))
    const known = new Set([
      ...parts.flatMap((part) => optionsOf(part).flatMap(({ names }) => names)),
      ...parts.flatMap(
        (part) =>
          usagesOf(part)
            .join(' ')
            .match(/--[a-z-]+/g) ?? [],
      ),
    ])
    /** Of other programs, in commands that the documents show. */
    const others = new Set([
      '--unbuffered',
      '--line-buffered',
      '--argjson',
      '--purge',
      '--now',
      '--cpu-prof',
      '--no-pager',
      '--force-confold',
      '--remove',
      '--unix-socket',
      '--test',
      '--reuid',
      '--regid',
      '--init-groups',
    ])
    for (const path of documents) {
      for (const [option] of textOf(path).matchAll(/(?<![\w-])--[a-z][a-z-]*(?![\w-])/g)) {
        assert.ok(known.has(option) || others.has(option), `${path}: ${option}`)
      }
    }
  })
})
