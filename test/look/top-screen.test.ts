import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import stringWidth from 'string-width'
import type { LiveCall } from '../../lib/live/live-call.ts'
import type { PbxStatus } from '../../lib/live/pbx-status.ts'
import { LookedAt } from '../../lib/look/looked-at.ts'
import { press } from '../../lib/look/run-top.ts'
import { type TopView, topScreen } from '../../lib/look/top-screen.ts'
import { FINE, NOW } from './fine-pbx.ts'

const PBX: PbxStatus = { ...FINE, lagMs: 3 }

function call(n: number, more: Partial<LiveCall> = {}): LiveCall {
  const queue = 'support'
  return {
    id: `|${n}|${queue}`,
    pbx: '',
    callid: String(n),
    queue,
    agent: `PJSIP/10${n}`,
    number: `555100${n}`,
    space: '',
    state: 'connected',
    since: NOW - n * 1000,
    ...more,
  }
}

function looked(calls: LiveCall[], pbxs: PbxStatus[] = [PBX]): LookedAt {
  const one = new LookedAt()
  one.take({ event: 'hello', data: { program: '0.1.0' } })
  one.take({ event: 'status', data: { pbxs } })
  one.take({ event: 'calls', data: { all: true, total: calls.length, changed: calls, ended: [] } })
  return one
}

const plain = (): TopView => ({ sortedBy: 'SINCE', isReversed: false, filter: '', isTyping: false, scrolled: 0 })

function rows(of: LookedAt, view = plain(), size = { columns: 80, rows: 24 }): string[] {
  const screen = topScreen(of, view, size, NOW).map(({ text }) => text)
  assert.equal(screen.length, size.rows)
  for (const row of screen) assert.equal(stringWidth(row), size.columns, row)
  return screen.map((row) => row.trimEnd())
}

/** The numbers of the calls that are shown, in their order. */
function numbers(of: LookedAt, view: TopView, size = { columns: 80, rows: 24 }): string[] {
  return rows(of, view, size).flatMap((row) => /\b555100\d+\b/.exec(row)?.[0] ?? [])
}

function typed(view: TopView, of: LookedAt, ...keys: (string | { name: string; shift?: boolean })[]): boolean {
  return keys.some((key) => {
    const isText = typeof key === 'string'
    return press(view, isText ? key : '', isText ? { name: key } : { ...key }, of, 24)
  })
}

describe('the screen of top', () => {
  it('shows state, length, queue, agent, number and parking space of each call, the longest first', () => {
    const parked = call(3, { state: 'parked', agent: 'NONE', queue: 'pk-default', space: '701' })
    const screen = rows(looked([call(1), call(65, { state: 'on hold', number: '5551065' }), parked]))
    assert.match(screen[0] ?? '', /ami-track 0\.1\.0 {2}127\.0\.0\.1:5038 {2}active {2}lag 3 ms$/)
    assert.equal(screen[1], '3 open calls: 1 talking, 1 on hold, 1 parked')
    assert.match(screen[2] ?? '', /^STATE +SINCE▾ +QUEUE +AGENT +NUMBER +SPACE$/)
    assert.match(screen[3] ?? '', /^on hold +1:05 +support +PJSIP\/1065 +5551065$/)
    assert.match(screen[4] ?? '', /^parked +0:03 +pk-default +5551003 +701$/)
    assert.match(screen[5] ?? '', /^talking +0:01 +support +PJSIP\/101 +5551001$/)
    assert.match(screen.at(-1) ?? '', /^q ends/)
  })

  it('is exactly as wide and as high as the terminal, whatever its size is and callers are called', () => {
    const names = ['李小龍', '\u001b[2J', 'Zoë 👩‍👩‍👧', 'x'.repeat(300), '\u202egnp', '']
    const calls = names.map((agent, n) => call(n, { agent, queue: agent, number: agent }))
    for (const columns of [20, 40, 80, 81, 200])
      for (const height of [6, 15, 16, 24, 50]) rows(looked(calls), plain(), { columns, rows: height })
  })

  it('shows the calls that have a text in one of their columns, and says so where there is none', () => {
    const of = looked([call(1), call(2, { agent: 'Jane' }), call(3, { state: 'on hold' })])
    const view = plain()
    assert.equal(typed(view, of, 'j', 'A', 'n'), false)
    assert.deepEqual(numbers(of, view), ['5551002'])
    assert.match(rows(of, view).at(-1) ?? '', /^filter: jAn_/)
    typed(view, of, { name: 'escape' }, 'h', 'o', 'l', 'd', { name: 'return' })
    assert.deepEqual(numbers(of, view), ['5551003'])
    typed(view, of, 'x')
    assert.match(rows(of, view)[3] ?? '', /^no call contains "holdx"$/)
    typed(view, of, { name: 'backspace' }, { name: 'escape' })
    assert.equal(numbers(of, view).length, 3)
  })

  it('ends with q, which is a letter like others in a filter that / begins', () => {
    const of = looked([call(1, { queue: 'q-acme' }), call(2)])
    const view = plain()
    assert.equal(typed(view, of, '/', 'q', '-'), false)
    assert.deepEqual(numbers(of, view), ['5551001'])
    assert.equal(typed(view, of, { name: 'return' }, 'q'), true)
    assert.equal(press(plain(), '\u0003', { name: 'c', ctrl: true }, of, 24), true)
  })

  it('sorts by each column, numbers by their size, and backwards', () => {
    const of = looked([call(1, { queue: 'b', number: '5551009' }), call(2, { queue: 'a', number: '55510010' })])
    const view = plain()
    assert.deepEqual(numbers(of, view), ['55510010', '5551009'])
    typed(view, of, '-')
    assert.deepEqual(numbers(of, view), ['5551009', '55510010'])
    typed(view, of, '-', { name: 'tab' })
    assert.equal(view.sortedBy, 'QUEUE')
    assert.deepEqual(numbers(of, view), ['55510010', '5551009'])
    typed(view, of, { name: 'tab' }, { name: 'tab' })
    assert.deepEqual(numbers(of, view), ['5551009', '55510010'])
    typed(view, of, { name: 'tab', shift: true }, { name: 'tab', shift: true })
    assert.equal(view.sortedBy, 'QUEUE')
  })

  it('scrolls through more calls than it has room for, and not beyond', () => {
    const of = looked(Array.from({ length: 60 }, (_, n) => call(n, { number: `555100${n}` })))
    const view = plain()
    const all = new Set<string>()
    for (let n = 0; n < 10; n++) {
      for (const number of numbers(of, view)) all.add(number)
      typed(view, of, { name: 'pagedown' })
    }
    assert.equal(all.size, 60)
    assert.ok(numbers(of, view).includes('5551000'))
    const [last] = numbers(of, view)
    typed(view, of, { name: 'up' })
    assert.notEqual(numbers(of, view)[0], last)
    for (let n = 0; n < 10; n++) typed(view, of, { name: 'pageup' })
    assert.equal(numbers(of, view)[0], '55510059')
  })

  it('says that it waits as long as the daemon has not said which calls are open', () => {
    assert.match(rows(new LookedAt())[3] ?? '', /^waiting for the daemon$/)
    assert.match(rows(looked([]))[3] ?? '', /^no call is open$/)
  })

  it('says why the daemon is not there, and what is wrong with it and what to do', () => {
    const trouble = { text: 'There is no connection.', remedy: 'Run doctor.' }
    assert.deepEqual(rows(looked([], [{ ...PBX, trouble }])).slice(1, 3), [
      '! There is no connection.',
      '  Run doctor.',
    ])
    const many = ['north', 'south'].map((name) => ({ ...PBX, name, trouble: name === 'south' ? trouble : null }))
    assert.match(rows(looked([], many))[1] ?? '', /^! 1 of 2 have a problem\. south: There is no connection\./)
    const lost = looked([call(1)])
    lost.lose('no ami-track runs')
    assert.equal(rows(lost)[1], '! no ami-track runs')
    assert.doesNotMatch(rows(lost)[0] ?? '', /active|lag/)
    assert.deepEqual(numbers(lost, plain()), [])
  })
})
