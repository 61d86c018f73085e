import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import type { AmiMessage } from '../../lib/ami/message.ts'
import { explained } from '../../lib/explain/call-record.ts'
import { Explainer } from '../../lib/explain/explainer.ts'
import { Tap, type TapRow, type TapSelection } from '../../lib/explain/tap.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { allFixtures } from '../support/fixtures.ts'
import { messagesOf } from '../support/recorded.ts'
import { Scene } from '../support/scene.ts'

const AGENT = 'PJSIP/1001-1'

function rowsOf(messages: readonly AmiMessage[], selection: TapSelection = {}): TapRow[] {
  const rows: TapRow[] = []
  const tap = new Tap(new Tracking(trackers))
  tap.listen(selection, (row) => rows.push(row))
  for (const message of messages) tap.pass(message)
  tap.end()
  return rows
}

const messagesIn = (scene: Scene): AmiMessage[] => scene.records.filter((record) => record.kind === 'ami')

/** What a tap of a daemon is told, which reads what the trackers of the daemon make of each message. */
function rowsOfDaemon(messages: readonly AmiMessage[]): TapRow[] {
  const rows: TapRow[] = []
  const tracking = new Tracking(trackers)
  const tap = new Tap(tracking)
  tap.listen({}, (row) => rows.push(row))
  tracking.onPassed = (message, out) => tap.read(message, out)
  tracking.pass([...messages])
  return rows
}

/** A queue call with a hold, beside another call. */
function twoCalls(): Scene {
  const scene = new Scene().at(1).create('other').connected('caller', AGENT, 'Jane', { CallerIDNum: '5551000' })
  return scene.at(3).hold(AGENT).at(4).hangup('other').at(5).unhold(AGENT)
}

describe('a tap', () => {
  for (const { name, amiFile } of allFixtures()) {
    it(`tells of ${name} what explain tells, row by row`, () => {
      const messages = messagesOf(amiFile)
      const told: string[] = []
      const explainer = new Explainer(new Tracking(trackers), (record) => {
        for (const { at, text, notes } of explained(record).events) {
          told.push(`${at} ${text}`, ...notes.map((note) => `${note.kind} ${note.text}`))
        }
      })
      for (const message of messages) explainer.pass(message)
      explainer.end()
      const rows = rowsOf(messages).map(({ kind, at, text }) => `${kind === 'event' ? at : kind} ${text}`)
      assert.deepEqual(rows.sort(), told.sort())
    })
  }

  it('has each line under the event that caused it', () => {
    const rows = rowsOf(messagesIn(twoCalls()))
    const holds = rows.findIndex(({ event }) => event === 'Hold')
    assert.match(rows[holds + 1]?.text ?? '', /\|CALLERONHOLD\|$/)
    const ends = rows.findIndex(({ event }) => event === 'Unhold')
    assert.match(rows[ends + 1]?.text ?? '', /\|CALLEROFFHOLD\|$/)
  })

  it('says why there is no line', () => {
    const scene = new Scene().at(1).connected('caller', AGENT, 'Jane').at(2).hold('caller')
    const reason = rowsOf(messagesIn(scene)).find(({ kind }) => kind === 'reason')
    assert.equal(reason?.text, 'no hold: the caller holds, and only holds by the agent are logged')
    assert.equal(reason?.tracker, 'moh')
  })

  it('tells the same of a daemon as of a dump', () => {
    const messages = messagesIn(twoCalls())
    assert.deepEqual(rowsOfDaemon(messages), rowsOf(messages))
  })

  for (const [what, selection] of Object.entries({
    number: { number: '5551000' },
    queue: { queue: 'support' },
    agent: { agent: 'Jane' },
    phone: { agent: 'PJSIP/1001' },
    channel: { call: twoCalls().uniqueid('caller') },
  })) {
    it(`tells of the calls of one ${what} alone, with what was before that was known`, () => {
      const messages = messagesIn(twoCalls())
      const all = rowsOf(messages)
      const rows = rowsOf(messages, selection)
      const ofCall = all.filter(({ call }) => call === rows[0]?.call)
      assert.deepEqual(rows, ofCall)
      assert.ok(rows.length > 5 && rows.length < all.length)
      assert.deepEqual(rowsOf(messages, { ...selection, queue: 'another' }), [])
    })
  }

  it('holds no more of a call that goes on for days than of a short one', () => {
    const scene = new Scene().at(1).connected('caller', AGENT, 'Jane')
    for (let n = 0; n < 2000; n++)
      scene
        .at(2 + n)
        .hold(AGENT)
        .unhold(AGENT)
    const tracking = new Tracking(trackers)
    const tap = new Tap(tracking)
    let count = 0
    tap.listen({}, () => count++)
    const late: TapRow[] = []
    for (const message of messagesIn(scene)) tap.pass(message)
    tap.listen({ agent: 'Jane' }, (row) => late.push(row))
    tap.pass(messagesIn(new Scene().at(5000).hold(AGENT)).at(-1) as AmiMessage)
    assert.ok(count > 8000)
    assert.ok(late.length > 200 && late.length < 1000, String(late.length))
  })
})
