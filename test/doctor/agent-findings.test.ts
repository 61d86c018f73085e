import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { agentFindings, hotdeskingFindings, trunkFindings } from '../../lib/doctor/agent-findings.ts'
import type { Purpose, QueueMember, ServerFacts } from '../../lib/doctor/facts.ts'
import { choice } from '../../lib/options/kinds.ts'
import { FileTail } from '../../lib/queue-log/file-tail.ts'
import { sinkFor } from '../../lib/sinks/table.ts'
import { trackers } from '../../lib/trackers/table.ts'

const purposeWith = (options: Purpose['options'], more: Partial<Purpose> = {}): Purpose => ({
  host: 'pbx',
  port: 5038,
  login: 'tracker',
  isSameMachine: true,
  trackers,
  sink: sinkFor(undefined),
  tail: undefined,
  standby: true,
  options,
  ...more,
})
const factsWith = (facts: Partial<ServerFacts> & { logMembernameAsAgent?: string }): ServerFacts =>
  ({ configuration: facts.logMembernameAsAgent === undefined ? undefined : { ...facts }, ...facts }) as ServerFacts
const member = (location: string, stateInterface: string, name: string): QueueMember => ({
  queue: 'support',
  name,
  location,
  stateInterface,
})

describe('hotdesking', () => {
  const state = (hotdesking: unknown, facts: Parameters<typeof factsWith>[0], more: Partial<Purpose> = {}): string[] =>
    hotdeskingFindings(purposeWith({ hotdesking }, more), factsWith(facts)).map((found) => found.state)

  it('is wrong where Asterisk logs the names in as well, unless the daemon can find that out', () => {
    assert.deepEqual(state(true, { logMembernameAsAgent: 'yes' }), ['wrong'])
    assert.deepEqual(state(true, { namesLogged: true }), ['wrong'])
    assert.deepEqual(
      state(
        true,
        { logMembernameAsAgent: 'yes' },
        { tail: new FileTail('/var/log/asterisk/queue_log', { isStampedByAsterisk: true }) },
      ),
      ['ok'],
    )
    assert.deepEqual(state('names', { logMembernameAsAgent: 'yes' }), ['ok'])
  })

  it('is wrong where nobody logs the names in', () => {
    assert.deepEqual(state('names', { logMembernameAsAgent: '' }), ['wrong'])
    assert.deepEqual(state(true, { logMembernameAsAgent: 'no' }), ['ok'])
    assert.deepEqual(state(true, { namesLogged: false }), ['ok'])
  })

  it('is a note where it cannot be told how Asterisk logs members in, and nothing where it is off', () => {
    assert.deepEqual(state(true, {}), ['note'])
    assert.deepEqual(state(false, { logMembernameAsAgent: 'yes' }), [])
  })
})

describe('the names of agents', () => {
  const members = [
    member('PJSIP/1001', 'PJSIP/1001', 'PJSIP/1001'),
    member('Local/1002@from-queue/n', 'hint:1002@ext-local', 'Jane Doe'),
    member('Local/1003@from-queue/n', 'PJSIP/1003', 'Bob'),
  ]

  it('are a note where reports would show one person as two agents', () => {
    const [found] = agentFindings(purposeWith({ agentname: 'interface' }), factsWith({ members }))
    assert.equal(found?.state, 'note')
    assert.equal(found?.finding, 'reports show Jane Doe and the phone 1002 as two agents, and 1 more in the same way')
  })

  it('are shown with their phones where calls are logged under them', () => {
    const [found] = agentFindings(purposeWith({ agentname: 'member' }), factsWith({ members }))
    assert.equal(found?.state, 'ok')
    assert.match(found?.finding ?? '', /: the phone 1002 as Jane Doe and the phone 1003 as Bob$/)
  })

  it('make no difference where no member has one, or no such call is tracked', () => {
    const unnamed = members.slice(0, 1)
    assert.deepEqual(agentFindings(purposeWith({ agentname: 'interface' }), factsWith({ members: unnamed })), [])
    const moh = trackers.filter(({ option }) => option === 'moh')
    assert.deepEqual(agentFindings(purposeWith({}, { trackers: moh }), factsWith({ members })), [])
  })
})

describe('trunks', () => {
  it('by which calls come in are named, with the expression that leaves them out', () => {
    const [found] = trunkFindings(purposeWith({}), factsWith({ comingIn: ['PJSIP/provider', 'SIP/my.trunk'] }))
    assert.equal(found?.state, 'note')
    const expression = /'(.*)'/.exec(found?.remedy ?? '')?.[1] ?? ''
    assert.equal(expression, '!^(PJSIP/provider|SIP/my\\.trunk)-')
    const left = choice().read('outbound-channels', expression)
    for (const [channel, isTracked] of [
      ['PJSIP/provider-00000001', false],
      ['SIP/my.trunk-0000000a', false],
      ['PJSIP/provider2-00000001', true],
      ['PJSIP/1001-00000001', true],
    ] as const)
      assert.equal(left?.matches(channel), isTracked, channel)
    const after = trunkFindings(purposeWith({ 'outbound-channels': left }), factsWith({ comingIn: ['PJSIP/provider'] }))
    assert.deepEqual(
      after.map(({ state }) => state),
      ['ok'],
    )
  })

  it('are not spoken of where no call comes in', () => {
    assert.deepEqual(trunkFindings(purposeWith({}), factsWith({ comingIn: [] })), [])
    assert.deepEqual(trunkFindings(purposeWith({}), factsWith({ comingIn: undefined })), [])
  })
})
