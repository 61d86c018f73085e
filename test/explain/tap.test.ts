import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import type { AmiMessage } from '../../lib/ami/message.ts'
import { explained } from '../../lib/explain/call-draft.ts'
import { Explainer } from '../../lib/explain/explainer.ts'
import { Tap, type TapRow, type TapSelection } from '../../lib/explain/tap.ts'
import { choice } from '../../lib/options/kinds.ts'
import { oneLine } from '../../lib/text/one-line.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { allFixtures } from '../support/fixtures.ts'
import { messagesOf } from '../support/recorded.ts'
import { Scene } from '../support/scene.ts'

const AGENT = 'PJSIP/1001-1'

/** As it is told: a line is made of columns, and nothing else is. */
function harmlessEvent(text: string): string {
  return text.startsWith('line ') ? text : oneLine(text)
}

function rowsOf(messages: readonly AmiMessage[], selection: TapSelection = {}, options = {}): TapRow[] {
  const rows: TapRow[] = []
  const tap = new Tap(new Tracking(trackers, options))
  tap.listen(selection, (row) => rows.push(row))
  for (const message of messages) tap.pass(message)
  tap.end()
  return rows
}

const choiceOf = (text: string) => choice().read('outbound-numbers', text)
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
      const explainer = new Explainer(new Tracking(trackers), (draft) => {
        for (const { at, text, notes } of explained(draft).events) {
          told.push(`${at} ${text}`, ...notes.map((note) => `${note.kind} ${note.text}`))
        }
      })
      for (const message of messages) explainer.pass(message)
      explainer.end()
      const rows = rowsOf(messages).map(({ kind, at, text }) => `${kind === 'event' ? at : kind} ${text}`)
      // Where another call has spoken meanwhile, it says once more that time has passed.
      const isWait = (row: string): boolean => row.endsWith(' a wait is over')
      assert.deepEqual(
        rows.filter((row) => !isWait(row)).sort(),
        told
          .map(harmlessEvent)
          .filter((row) => !isWait(row))
          .sort(),
      )
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
    assert.equal(reason?.text, 'no hold: the caller put the call on hold, and only holds by the agent are logged')
    assert.equal(reason?.tracker, 'moh')
  })

  it('has what is found out later under no event of another call', () => {
    const scene = new Scene().at(1).create(AGENT, '5551000').dial(AGENT, 'PJSIP/trunk-2', { AccountCode: 'acme' })
    scene.at(1.1).create('other').at(2).create('another')
    const rows = rowsOf(messagesIn(scene), {}, { 'outbound-numbers': choiceOf('!555') })
    const reason = rows.findIndex(({ kind }) => kind === 'reason')
    assert.match(rows[reason]?.text ?? '', /^left out by --outbound-numbers/)
    assert.deepEqual(
      { call: rows[reason - 1]?.call, text: rows[reason - 1]?.text },
      { call: scene.uniqueid(AGENT), text: 'a wait is over' },
    )
  })

  it('tells of a call in the order of its events, also of what is joined to it later', () => {
    const scene = new Scene().at(1).create('one').at(2).create('two').at(3).up('one').at(4).up('two')
    scene.at(5).dial('one', 'two').at(6).up('one').at(7).hangup('one', 'two')
    for (const call of ['one', 'two'].map((name) => scene.uniqueid(name))) {
      const rows = rowsOf(messagesIn(scene), { call })
      // Of both, all is told; what was there before it was known to belong here, is told when it is.
      const texts = rows.map(({ text }) => text)
      assert.ok(
        texts.some((text) => text.startsWith('one begins')) && texts.some((text) => text.startsWith('two begins')),
        call,
      )
      assert.equal(new Set(rows.map(({ at, text }) => `${at} ${text}`)).size, rows.length)
    }
    const ofBoth = rowsOf(messagesIn(scene), { call: scene.uniqueid('two') })
    const joined = ofBoth.findIndex(({ event }) => event === 'DialBegin')
    const before = ofBoth.slice(0, joined).filter(({ text }) => text.startsWith('one '))
    assert.deepEqual(
      before.map(({ at }) => at),
      before.map(({ at }) => at).toSorted(),
    )
  })

  it('tells of a member alone what is that one’s', () => {
    const scene = new Scene()
    for (const [MemberName, Queue] of [
      ['Jane', 'support'],
      ['Bob', 'support'],
      ['Eve', 'sales'],
    ] as const) {
      scene.at(1).event('QueueMemberAdded', { MemberName, Queue, Interface: `PJSIP/${MemberName}` })
    }
    const of = (selection: TapSelection): string[] =>
      rowsOf(messagesIn(scene), selection)
        .filter(({ kind }) => kind === 'event')
        .map(({ text }) => text)
    assert.deepEqual(of({ agent: 'Jane' }), ['Jane (PJSIP/Jane) is a member of queue support'])
    assert.deepEqual(of({ agent: 'PJSIP/Bob' }), ['Bob (PJSIP/Bob) is a member of queue support'])
    assert.deepEqual(of({ queue: 'sales' }), ['Eve (PJSIP/Eve) is a member of queue sales'])
    assert.deepEqual(of({ number: '5551000' }), [])
    const lines = rowsOf(messagesIn(scene), { agent: 'Jane' }).filter(({ kind }) => kind === 'line')
    assert.ok(lines.length > 0 && lines.every(({ text }) => text.split('|')[3] === 'Jane'))
  })

  it('passes nothing on by which a caller could steer a terminal, or turn the direction of what follows', () => {
    const scene = new Scene().at(1).create('caller')
    scene.event('Newchannel', { Channel: 'PJSIP/1\u009b2J|x\u007f', Uniqueid: '1.9', CallerIDName: 'a\u2028b\u202ec' })
    const rows = rowsOf(messagesIn(scene))
    assert.ok(rows.length > 1)
    for (const { text } of rows) assert.doesNotMatch(text, /[\p{Cc}\u2028\u202e]/u)
  })

  it('has no column in a line that a caller could forge', () => {
    const rows = rowsOf(messagesIn(new Scene().at(1).connected('caller', AGENT, 'Ja|ne').at(2).hold(AGENT)))
    const line = rows.find(({ kind }) => kind === 'line')
    assert.match(line?.text ?? '', /\|support\|Ja_ne\|CALLERONHOLD\|$/)
  })

  it('goes on after an event that is called like what objects are made with', () => {
    const scene = new Scene().at(1)
    for (const event of ['toString', 'constructor', '__proto__'])
      scene.event(event, { Uniqueid: '1.1', Channel: 'PJSIP/1' })
    assert.deepEqual(rowsOfDaemon(messagesIn(scene)), [])
  })

  it('tells of a line that waited also where an event comes next that explains nothing', () => {
    const scene = new Scene().at(1).connected('caller', AGENT, 'Jane').at(2).hold(AGENT)
    scene
      .at(3)
      .event('HangupRequest', { Channel: AGENT, Uniqueid: scene.uniqueid(AGENT) })
      .unhold(AGENT)
    const rows = rowsOfDaemon(messagesIn(scene.at(5).event('UserEventOfNobody')))
    assert.match(rows.at(-1)?.text ?? '', /\|CALLEROFFHOLD\|$/)
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
