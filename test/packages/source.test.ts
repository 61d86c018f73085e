import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, describe, it } from 'node:test'
import { debianChangelog } from '../../packaging/debian-changelog.ts'
import { withoutCommonLicences } from '../../packaging/licences.ts'
import { dateOfSource, maintainer } from '../../packaging/source.ts'

const folder = mkdtempSync(join(tmpdir(), 'ami-track-source-'))
after(() => rmSync(folder, { recursive: true }))
const names = ['SOURCE_DATE_EPOCH', 'DEBFULLNAME', 'DEBEMAIL'] as const
const before = names.map((name) => [name, process.env[name]] as const)
const forget = (): void => {
  for (const name of names) delete process.env[name]
}

describe('the source of a package', () => {
  afterEach(() => {
    forget()
    for (const [name, value] of before) if (value !== undefined) process.env[name] = value
  })

  it('is as old as SOURCE_DATE_EPOCH says, else as package.json where there is no commit', () => {
    forget()
    writeFileSync(join(folder, 'package.json'), '{}')
    utimesSync(join(folder, 'package.json'), 1_700_000_000.5, 1_700_000_000.5)
    assert.equal(dateOfSource(folder).getTime(), 1_700_000_000_000)
    process.env.SOURCE_DATE_EPOCH = '1600000000'
    assert.equal(dateOfSource(folder).getTime(), 1_600_000_000_000)
    process.env.SOURCE_DATE_EPOCH = 'yesterday'
    assert.throws(() => dateOfSource(folder), /SOURCE_DATE_EPOCH=yesterday is no number of seconds/)
  })

  it('is maintained by whom DEBFULLNAME and DEBEMAIL name, and by nobody who is made up', () => {
    forget()
    assert.throws(() => maintainer(folder), /set DEBFULLNAME and DEBEMAIL/)
    process.env.DEBEMAIL = 'ann@pbx.example'
    assert.throws(() => maintainer(folder), /set DEBFULLNAME and DEBEMAIL/)
    process.env.DEBFULLNAME = 'Ann Admin'
    assert.equal(maintainer(folder), 'Ann Admin <ann@pbx.example>')
  })

  it('is as old as its last commit, and maintained by who made it', () => {
    forget()
    const clone = mkdtempSync(join(folder, 'clone-'))
    const git = (...args: string[]) => execFileSync('git', ['-C', clone, ...args], { stdio: 'ignore', env })
    const env = { ...process.env, GIT_COMMITTER_DATE: '1500000000 +0200' }
    git('init')
    git('-c', 'user.name=Bo', '-c', 'user.email=bo@pbx.example', 'commit', '--allow-empty', '-m', 'x')
    assert.equal(dateOfSource(clone).getTime(), 1_500_000_000_000)
    assert.equal(maintainer(clone), 'Bo <bo@pbx.example>')
  })
})

describe("Debian's changelog", () => {
  const date = new Date(Date.UTC(2026, 0, 2, 3, 4, 5))

  it('has each version of CHANGELOG.md, with its items wrapped, and the day of its release', () => {
    const long = 'so many words that they do not fit into one line of what Debian takes for a changelog'
    const markdown = `# Changelog\n\nAbout.\n\n## 0.2.0 (unreleased)\n\n- One.\n- Two, with\n  ${long}.\n\n## 0.1.0 (2025-12-31)\n\n- First.\n`
    const items = '  * One.\n  * Two, with so many words that they do not fit into one line of what Debian'
    const expected = `ami-track (0.2.0) unstable; urgency=medium

${items}
    takes for a changelog.

 -- Ann <ann@pbx.example>  Fri, 02 Jan 2026 03:04:05 +0000

ami-track (0.1.0) unstable; urgency=medium

  * First.

 -- Ann <ann@pbx.example>  Wed, 31 Dec 2025 00:00:00 +0000
`
    assert.equal(debianChangelog(markdown, 'Ann <ann@pbx.example>', date), expected)
  })

  it('is not made of a heading without a date', () => {
    assert.throws(() => debianChangelog('## 0.1.0\n\n- x\n', 'Ann', date), /CHANGELOG\.md: "0\.1\.0" is not VERSION/)
  })
})

describe('the licences of a .deb', () => {
  it('name the file where Debian has the Apache License, and keep what is said around it', () => {
    const terms = (by: string) =>
      `${by}Apache License\n${by}Version 2.0, January 2004\n\n${by}TERMS AND CONDITIONS FOR USE\n\n${by}1. All.\n\n${by}END OF TERMS AND CONDITIONS\n`
    const text = `a 1.0\n\n${terms('   ')}\n   APPENDIX\nb 2.0\n\n${terms('')}Copyright b\n`
    const file = 'The terms of the Apache License, Version 2.0, are in /usr/share/common-licenses/Apache-2.0.'
    assert.equal(withoutCommonLicences(text), `a 1.0\n\n   ${file}\n\n   APPENDIX\nb 2.0\n\n${file}\nCopyright b\n`)
  })
})
