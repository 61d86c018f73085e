import { strict as assert } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { type ApiReport, apiReports } from '../support/api-reports.ts'
import { entryFiles, root } from '../support/package.ts'
import { isEvery } from '../support/sample.ts'

const folder = join(root, 'api')

// Reading all types takes 19 s of processor time.
describe('the API of the package', { skip: isEvery ? false : 'EVERY=1 runs these' }, () => {
  let reports: ApiReport[]
  before(() => {
    reports = apiReports()
  })

  it('has a report for each entry point, and no other', () => {
    const names = entryFiles.map((file) => file.replace(/\.ts$/, '.api.md'))
    assert.deepEqual(readdirSync(folder).sort(), names.sort())
  })

  for (const name of readdirSync(folder)) {
    it(`is as api/${name} says`, () => {
      const report = reports.find(({ path }) => path === `api/${name}`)
      const text = readFileSync(join(folder, name), 'utf8')
      assert.equal(report?.text, text, 'the API has changed: run "make api" and review its diff')
    })
  }

  it('has a word about everything, and every type that a user meets has a name', () => {
    assert.deepEqual(
      reports.flatMap(({ path, faults }) => faults.map((fault) => `${path}: ${fault}`)),
      [],
    )
  })
})
