import { strict as assert } from 'node:assert'
import { describe, test } from 'node:test'
import { chosenForAll } from './choice.ts'
import { soak } from './soak/soak.ts'

/** The newest of the servers that were chosen: beside another one it would have half of the machine. */
const entry = chosenForAll().at(-1)

describe('two minutes of 10 calls a second, in which daemons end in all ways', {
  skip: entry === undefined || (process.env.FLOW ?? '') !== '',
}, () => {
  test(`on ${entry?.name} every call leaves the lines that its phones know of`, async (t) => {
    assert.ok(entry)
    const seed = Date.now() % 1e9
    const { figures, differences, reports } = await soak({ entry, rate: 10, minutes: 2, seed })
    for (const figure of figures) t.diagnostic(figure)
    assert.deepEqual(differences, [], reports.slice(0, 5).join('\n\n'))
  })
})
