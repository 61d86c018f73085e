import { strict as assert } from 'node:assert'
import { before, describe, it } from 'node:test'
import { type AmiMessage, HeaderMessage } from '../../lib/ami/message.ts'
import { tickAt } from '../../lib/ami/own-events.ts'
import { presets } from '../../lib/cli/presets.ts'
import type { QueueLogRecord } from '../../lib/queue-log/record.ts'
import type { Batch } from '../../lib/records/record.ts'
import { isOfTrackers, trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { LineChecks } from '../fuzz/line-checks.ts'
import { allFixtures } from '../support/fixtures.ts'
import { otherOptions, typedValue } from '../support/other-options.ts'
import { messagesOf } from '../support/recorded.ts'

type Values = Record<string, unknown>

const CHOICES = ['outbound-channels', 'outbound-numbers', 'outbound-contexts']

interface Recording {
  name: string
  messages: AmiMessage[]
  /** With all options at their defaults. */
  lines: readonly QueueLogRecord[]
}

/** The lines of a stream, to its end; they are sound, all calls are over, and nothing is remembered. */
function soundLines(messages: readonly AmiMessage[], values: Values): QueueLogRecord[] {
  const tracking = new Tracking(trackers, values)
  const checks = new LineChecks()
  const lines: QueueLogRecord[] = []
  const take = (out: Batch): void => {
    for (const record of out) {
      if (record.kind !== 'queue_log') continue
      checks.check(record)
      lines.push(record)
    }
  }
  let last = 0
  for (const message of messages) {
    if (message.event === 'AgentConnect') checks.connected(message.get('Uniqueid') ?? '', message.get('Queue') ?? '')
    last = Math.max(last, Number(message.get('Timestamp') ?? 0))
    take(tracking.pass([message]))
  }
  take(tracking.pass([new HeaderMessage(new Map([['Event', 'Shutdown']]))]))
  const end = last * 1000 + 1e6
  take(tracking.pass([tickAt(end), tickAt(end + 60_000)]))
  take(tracking.end())
  checks.allOver()
  assert.equal(tracking.size, 0, 'entries left')
  return lines
}

const fieldsOf = ({ time, callid, queuename, agent, event, data }: QueueLogRecord): unknown[] => [
  Math.floor(time),
  callid,
  queuename,
  agent,
  event,
  ...data,
]
const isTrackedCall = ({ queuename, callid }: QueueLogRecord): boolean =>
  isOfTrackers(queuename) && callid !== 'MANAGER'

describe('every recording, with', () => {
  let recordings: Recording[]
  before(() => {
    recordings = allFixtures().map(({ name, amiFile }) => {
      const messages = messagesOf(amiFile)
      return { name, messages, lines: soundLines(messages, {}) }
    })
  })

  /** Runs all recordings, and hands on the lines of each, beside those with all options at their defaults. */
  function inEach(values: Values, look: (lines: QueueLogRecord[], byDefault: readonly QueueLogRecord[]) => void): void {
    for (const { name, messages, lines } of recordings) {
      try {
        look(soundLines(messages, values), lines)
      } catch (error) {
        ;(error as Error).message = `${name}: ${(error as Error).message}`
        throw error
      }
    }
  }

  for (const [name, texts] of otherOptions) {
    for (const text of texts) {
      it(`--${name} ${text} alone, gives sound lines, and not everywhere those of the default`, () => {
        let changed = 0
        inEach({ [name]: typedValue(name, text) }, (lines, byDefault) => {
          if (JSON.stringify(lines.map(fieldsOf)) !== JSON.stringify(byDefault.map(fieldsOf))) changed++
        })
        // All trackers are on here, so hotdesking is as well.
        assert.equal(changed > 0, !(name === 'hotdesking' && text === '1'))
      })
    }
  }

  const all = (pick: (texts: readonly string[]) => string | undefined): Values =>
    Object.fromEntries(
      [...otherOptions].flatMap(([name, texts]) => {
        const text = pick(texts)
        return text === undefined ? [] : [[name, typedValue(name, text)]]
      }),
    )
  it('all options together, gives sound lines', () => {
    for (const values of [all((texts) => texts[0]), all((texts) => texts.at(-1))]) inEach(values, () => {})
    const unchosen = all((texts) => texts[0])
    for (const name of CHOICES) delete unchosen[name]
    let tracked = 0
    inEach(unchosen, (lines) => {
      tracked += lines.filter(isTrackedCall).length
    })
    assert.ok(tracked > 300, `${tracked} lines of tracked calls`)
  })

  for (const { name, options: set } of presets) {
    it(`--preset ${name}, gives sound lines`, () => {
      inEach(Object.fromEntries(set.map(({ option, value }) => [option, typedValue(option, value)])), () => {})
    })
  }

  it('--joinlines 0, has the same lines but those of members of queues that trackers make', () => {
    const isJoin = ({ queuename, event }: QueueLogRecord): boolean => isOfTrackers(queuename) && /MEMBER$/.test(event)
    inEach({ joinlines: false }, (lines, byDefault) => {
      assert.deepEqual(lines.map(fieldsOf), byDefault.filter((line) => !isJoin(line)).map(fieldsOf))
    })
  })

  it('--outboundverb, begins the same calls in its way', () => {
    const begins = ({ queuename, event }: QueueLogRecord): boolean =>
      /^_?q-/.test(queuename) && (event === 'CALLOUTBOUND' || event === 'ENTERQUEUE')
    const entry = (line: QueueLogRecord): unknown[] => {
      const [time, callid, queuename] = fieldsOf(line)
      return [time, callid, queuename, 'NONE', 'ENTERQUEUE', ...line.data, '1']
    }
    inEach({ outboundverb: 'both' }, (lines, byDefault) => {
      const wanted = byDefault.flatMap((line) => (begins(line) ? [entry(line), fieldsOf(line)] : [fieldsOf(line)]))
      assert.deepEqual(lines.map(fieldsOf), wanted)
    })
    inEach({ outboundverb: 'enterqueue' }, (lines, byDefault) => {
      const wanted = byDefault.map((line) => (begins(line) ? entry(line) : fieldsOf(line)))
      assert.deepEqual(lines.map(fieldsOf), wanted)
    })
  })

  it('--parkinglabel 0, differs in the label of parked calls alone, and that has no space', () => {
    inEach({ parkinglabel: false }, (lines, byDefault) => {
      const unlabelled = byDefault.map((line) => {
        const [, label = ''] = line.data
        const isParked = line.queuename.startsWith('pk-') && line.event === 'ENTERQUEUE'
        return isParked ? [...fieldsOf(line).slice(0, 6), label.replace(/^\d+-?/, ''), '1'] : fieldsOf(line)
      })
      assert.deepEqual(lines.map(fieldsOf), unlabelled)
    })
  })

  it('--agentname member, has the same calls, and each agent is one of those that queue lines name, or a phone', () => {
    let named = 0
    inEach({ agentname: 'member' }, (lines, byDefault) => {
      const calls = (some: readonly QueueLogRecord[]) =>
        some.filter(isTrackedCall).map((line) => fieldsOf(line).with(3, ''))
      assert.deepEqual(calls(lines), calls(byDefault))
      const before = byDefault.filter(isTrackedCall)
      for (const [n, line] of lines.filter(isTrackedCall).entries()) if (line.agent !== before[n]?.agent) named++
    })
    assert.ok(named > 0)
  })

  it('--outbound-channels, --outbound-numbers or --outbound-contexts, has some of the outbound calls, each of them whole', () => {
    for (const name of CHOICES) {
      for (const text of otherOptions.get(name) ?? []) {
        inEach({ [name]: typedValue(name, text) }, (lines, byDefault) => {
          const calls = (some: readonly QueueLogRecord[]) =>
            some.filter((line) => isTrackedCall(line) && /^_?q-/.test(line.queuename))
          const chosen = new Set(calls(lines).map(({ callid }) => callid))
          const wanted = calls(byDefault).filter(({ callid }) => chosen.has(callid))
          assert.deepEqual(calls(lines).map(fieldsOf), wanted.map(fieldsOf))
        })
      }
    }
  })
})
