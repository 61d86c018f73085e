import { strict as assert } from 'node:assert'
import { after, before, describe, it } from 'node:test'
import { presets } from '../../lib/cli/presets.ts'
import { DatabaseServer } from '../databases/database-server.ts'
import { allRecorded, inserts, mergedLog, type Recorded, TABLE, type Texts } from './merged-log.ts'
import { AGENTS_TABLE, type Count, readers } from './readers.ts'

const TRACKERS: Texts = { moh: '1', parkedcalls: '1', outboundcalls: '1' }
const optionsOf = (name: string | undefined) => presets.find((preset) => preset.name === name)?.options ?? []
const textsOf = (options: ReturnType<typeof optionsOf>): Texts => ({
  ...TRACKERS,
  ...Object.fromEntries(options.map(({ option, value }) => [option, value])),
})

describe('The queue_log of all recordings, Asterisk’s own lines and ours, counted in the manner of', () => {
  let mariadb: DatabaseServer
  let recordings: Recorded[]
  let loaded = ''
  before(async () => {
    recordings = allRecorded()
    mariadb = await DatabaseServer.start('mysql')
  })
  after(() => mariadb?.stop())

  /** Fills the table with the log that these options give. */
  async function load(texts: Texts): Promise<void> {
    const wanted = JSON.stringify(texts)
    if (loaded === wanted) return
    loaded = wanted
    const rows = recordings.map((recorded) => inserts(recorded.name, mergedLog(recorded, texts)))
    const tables = `DROP TABLE IF EXISTS queue_log, agents; ${TABLE}${AGENTS_TABLE}`
    await mariadb.run(`${tables}\nSTART TRANSACTION;\n${rows.join('')}COMMIT;`)
  }

  /** What the query says and the dumps do not, and the other way round. */
  async function differences({ sql, facts, isMeant = () => true }: Count): Promise<string[]> {
    const byName = new Map(recordings.map((recorded) => [recorded.name, recorded]))
    const found = (await mariadb.run("SET time_zone = '+00:00'", sql))
      .map((row) => row.map(String))
      .filter((row) => isMeant(row, byName.get(row[0] ?? '') as Recorded))
      // With or without the colon: that is only another name.
      .map((row) => row.map((column) => column.replace(/^:(?=[\w-]*\d+\.\d+$)/, '')).join('\t'))
    const real = recordings.flatMap((recorded) =>
      facts(recorded)
        .map((row) => [recorded.name, ...row.map(String)])
        .filter((row) => isMeant(row, recorded))
        .map((row) => row.join('\t')),
    )
    assert.ok(real.length > 0, 'there is nothing to count')
    return [
      ...without(found, real).map((row) => `counted: ${row}`),
      ...without(real, found).map((row) => `real: ${row}`),
    ]
  }

  for (const { preset, counts } of readers) {
    describe(preset ?? 'QueueMetrics, without a preset', () => {
      before(() => load(textsOf(optionsOf(preset))))

      for (const count of counts) {
        it(`gives the numbers that the calls have: ${count.what}`, async () => {
          assert.deepEqual(await differences(count), [])
        })
      }
    })
  }

  for (const { preset, counts } of readers) {
    for (const { option, why } of optionsOf(preset)) {
      it(`${preset} does not without --${option}, as ${why}`, async () => {
        await load(textsOf(optionsOf(preset).filter((other) => other.option !== option)))
        const all = await Promise.all(counts.map((count) => differences(count).catch((error) => [String(error)])))
        assert.ok(all.flat().length > 0)
      })
    }
  }
})

/** Those that are not among the others, as often as they are not. */
function without(rows: readonly string[], others: readonly string[]): string[] {
  const left = [...others]
  return rows.filter((row) => {
    const at = left.indexOf(row)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}
