import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { ResyncScene } from '../support/resync-scene.ts'
import { Scene } from '../support/scene.ts'
import { assertLines, trackingOf } from '../support/tracking.ts'

const AGENT = 'PJSIP/1002-00000001'
const TRUNK = 'PJSIP/trunk-00000002'
const PARKEE = 'PJSIP/trunk-00000003'

interface MemberHeaders {
  MemberName?: string
  Interface: string
  StateInterface?: string
  Queue?: string
}

class MemberScene extends Scene {
  added({ Queue = 'support', ...headers }: MemberHeaders): this {
    return this.event('QueueMemberAdded', { Queue, ...headers })
  }

  removed({ Queue = 'support', ...headers }: MemberHeaders): this {
    return this.event('QueueMemberRemoved', { Queue, ...headers })
  }
}

const jane = (own: string, stateInterface?: string): MemberHeaders => ({
  MemberName: 'Jane Doe',
  Interface: own,
  ...(stateInterface === undefined ? {} : { StateInterface: stateInterface }),
})

/** Asserts who is the agent of a call that the phone of {@link AGENT} makes a second after what the scene tells. */
async function assertAgent(scene: Scene, agent: string, channel = AGENT): Promise<void> {
  scene.at(1).create(channel, '95550001').dial(channel, TRUNK)
  scene.at(3).answered(channel, TRUNK).at(7).hangupRequest(channel).hangup(channel, TRUNK)
  const call = `:<${channel}>|q-outbound|${agent}`
  await assertLines(() => trackingOf('track-outbound', { agentname: 'member' }), scene, [
    `1|MANAGER|q-outbound|${agent}|ADDMEMBER|`,
    `1|${call}|CALLOUTBOUND||95550001`,
    `3|${call}|CONNECT|2|<${TRUNK}>|2`,
    `7|${call}|COMPLETEAGENT|2|4|1`,
    `7|MANAGER|q-outbound|${agent}|REMOVEMEMBER|`,
  ])
}

describe('The agent of a tracked call is the MemberName of the queue member whose phone it is', () => {
  it('known by the member’s interface', () => assertAgent(new MemberScene().added(jane('PJSIP/1002')), 'Jane Doe'))

  it('also where the interface is written in other letters than the channel', () =>
    assertAgent(new MemberScene().added(jane('pjsip/1002')), 'Jane Doe'))

  it('by its StateInterface, where it is called by another way', () =>
    assertAgent(new MemberScene().added(jane('Local/77@agents/n', 'PJSIP/1002')), 'Jane Doe'))

  it('by the number of its Local channel, on any technology', async () => {
    const member = jane('Local/1002@from-queue/n')
    await assertAgent(new MemberScene().added(member), 'Jane Doe')
    await assertAgent(new MemberScene().added(member), 'Jane Doe', 'SIP/1002-00000009')
  })

  it('by the number of its hint', () =>
    assertAgent(new MemberScene().added(jane('Local/77@agents/n', 'hint:1002@ext-local')), 'Jane Doe'))

  it('from AgentConnect, where nobody saw the member log in', () => {
    const scene = new MemberScene().event('AgentConnect', {
      Channel: 'PJSIP/trunk-00000007',
      Uniqueid: '1800000000.77',
      DestChannel: 'PJSIP/1002-00000008',
      DestUniqueid: '1800000000.78',
      Queue: 'support',
      MemberName: 'Jane Doe',
      Interface: 'PJSIP/1002',
    })
    return assertAgent(scene, 'Jane Doe')
  })

  it('unless another member has that phone as its interface itself', async () => {
    const other = { MemberName: 'Joe', Interface: 'PJSIP/1002', Queue: 'sales' }
    const local = jane('Local/1002@from-queue/n', 'hint:1002@ext-local')
    await assertAgent(new MemberScene().added(local).added(other), 'Joe')
    await assertAgent(new MemberScene().added(other).added(local), 'Joe')
    await assertAgent(new MemberScene().added(jane('Local/77@agents/n', 'PJSIP/1002')).added(other), 'Joe')
  })

  it('and is the interface where that other member has no name', async () => {
    const unnamed = { MemberName: 'PJSIP/1002', Interface: 'PJSIP/1002', Queue: 'sales' }
    await assertAgent(new MemberScene().added(jane('Local/1002@from-queue/n')).added(unnamed), 'PJSIP/1002')
  })

  it('and is the interface where there is no member, or none with a name', async () => {
    await assertAgent(new MemberScene(), 'PJSIP/1002')
    await assertAgent(new MemberScene().added(jane('PJSIP/1003')), 'PJSIP/1002')
    await assertAgent(new MemberScene().added({ Interface: 'PJSIP/1002' }), 'PJSIP/1002')
    await assertAgent(new MemberScene().added({ MemberName: 'PJSIP/1002', Interface: 'PJSIP/1002' }), 'PJSIP/1002')
  })

  it('and is the interface where the member is an agent of app_agent_pool, who logs in from any phone', () =>
    assertAgent(new MemberScene().added(jane('Local/1002@agents/n', 'Agent:1002')), 'PJSIP/1002'))

  it('as long as the member is in any queue', async () => {
    const inTwo = (): MemberScene =>
      new MemberScene().added(jane('PJSIP/1002')).added({ ...jane('PJSIP/1002'), Queue: 'sales' })
    await assertAgent(inTwo().removed(jane('PJSIP/1002')), 'Jane Doe')
    const gone = inTwo()
      .removed(jane('PJSIP/1002'))
      .removed({ ...jane('PJSIP/1002'), Queue: 'sales' })
    await assertAgent(gone, 'PJSIP/1002')
  })

  it('as it is called now, after it logged in by another name', () =>
    assertAgent(
      new MemberScene()
        .added(jane('PJSIP/1002'))
        .removed(jane('PJSIP/1002'))
        .added({ MemberName: 'Joe', Interface: 'PJSIP/1002' }),
      'Joe',
    ))

  it('fixed when the call starts: a member who leaves or comes meanwhile changes nothing', async () => {
    const scene = new MemberScene().added(jane('PJSIP/1002')).at(1).create(AGENT, '95550001').dial(AGENT, TRUNK)
    scene.at(2).removed(jane('PJSIP/1002')).added({ MemberName: 'Joe', Interface: 'PJSIP/1002' })
    scene.at(3).answered(AGENT, TRUNK).at(7).hangupRequest(TRUNK).hangup(AGENT, TRUNK)
    await assertLines(() => trackingOf('track-outbound', { agentname: 'member' }), scene, [
      '1|MANAGER|q-outbound|Jane Doe|ADDMEMBER|',
      `1|:<${AGENT}>|q-outbound|Jane Doe|CALLOUTBOUND||95550001`,
      `3|:<${AGENT}>|q-outbound|Jane Doe|CONNECT|2|<${TRUNK}>|2`,
      `7|:<${AGENT}>|q-outbound|Jane Doe|COMPLETECALLER|2|4|1`,
      '7|MANAGER|q-outbound|Jane Doe|REMOVEMEMBER|',
    ])
  })

  it('of a parked call at the pick-up', async () => {
    const scene = new MemberScene().at(1).parking('ParkedCall', PARKEE).enterLot('lot', PARKEE)
    scene.at(2).added(jane('Local/1002@from-queue/n'))
    scene.at(4).retrieve(PARKEE, AGENT).leave('lot', PARKEE).enter('talk', PARKEE).enter('talk', AGENT)
    scene.at(5).removed(jane('Local/1002@from-queue/n'))
    scene.at(9).hangupRequest(AGENT).leave('talk', AGENT).leave('talk', PARKEE).hangup(PARKEE, AGENT)
    await assertLines(() => trackingOf('track-parked', { agentname: 'member' }), scene, [
      `1|:<${PARKEE}>|pk-default|NONE|ENTERQUEUE||701-5551000|1`,
      '4|MANAGER|pk-default|Jane Doe|ADDMEMBER|',
      `4|:<${PARKEE}>|pk-default|Jane Doe|CONNECT|3|<${AGENT}>|0`,
      `9|:<${PARKEE}>|pk-default|Jane Doe|COMPLETEAGENT|3|5|1`,
      '9|MANAGER|pk-default|Jane Doe|REMOVEMEMBER|',
    ])
  })

  it('and one person with two phones is logged in once', async () => {
    const other = 'SIP/1002-00000009'
    const scene = new MemberScene().added(jane('Local/1002@from-queue/n'))
    scene.at(1).create(AGENT, '95550001').dial(AGENT, TRUNK).at(3).create(other, '95550002').dial(other, 'SIP/t-9')
    scene.at(5).hangup(TRUNK, AGENT).at(7).hangup('SIP/t-9', other)
    await assertLines(() => trackingOf('track-outbound', { agentname: 'member' }), scene, [
      '1|MANAGER|q-outbound|Jane Doe|ADDMEMBER|',
      `1|:<${AGENT}>|q-outbound|Jane Doe|CALLOUTBOUND||95550001`,
      `3|:<${other}>|q-outbound|Jane Doe|CALLOUTBOUND||95550002`,
      `5|:<${AGENT}>|q-outbound|Jane Doe|ABANDON|1|1|4`,
      `7|:<${other}>|q-outbound|Jane Doe|ABANDON|1|1|4`,
      '7|MANAGER|q-outbound|Jane Doe|REMOVEMEMBER|',
    ])
  })

  it('and hotdesking passes on what the queue is told, whichever name calls have', async () => {
    const scene = new MemberScene().at(1).added(jane('PJSIP/1002'))
    await assertLines(() => trackingOf('track-hotdesking'), scene, [
      '1|MANAGER|support|PJSIP/1002|REMOVEMEMBER|',
      '1|MANAGER|support|Jane Doe|HOTDESKING|PJSIP/1002',
      '1|MANAGER|support|Jane Doe|ADDMEMBER|',
    ])
  })
})

describe('After a lost connection, members are those that the server lists', () => {
  /** Who is the agent of a call that begins behind the lists. */
  function agentAfter(scene: ResyncScene): string | undefined {
    scene.at(20).create(AGENT, '95550001').dial(AGENT, TRUNK).at(30).hangup(TRUNK, AGENT)
    const tracking = new Tracking(
      trackers.filter(({ program }) => program === 'track-outbound'),
      { agentname: 'member' },
    )
    for (const record of tracking.pass(scene.records)) {
      if (record.kind === 'queue_log' && record.event === 'CALLOUTBOUND') return record.agent
    }
    return undefined
  }
  const item = { Queue: 'support', Name: 'Jane Doe', Location: 'Local/1002@from-queue/n', StateInterface: '' }
  /** The lists of a server, with those members. */
  function listed(members: readonly Record<string, string>[], lists = 'QueueStatus'): ResyncScene {
    const scene = new ResyncScene().at(10)
    for (const member of members) scene.event('QueueMember', { ...member, ActionID: 'ami-track-8' })
    return scene.event('ResyncEnd', { Lists: `CoreStatus,CoreShowChannels,BridgeList,Status,ParkedCalls,${lists}` })
  }

  it('those that logged in while nobody listened are known', () => {
    assert.equal(agentAfter(listed([item])), 'Jane Doe')
    assert.equal(agentAfter(listed([{ ...item, Location: 'SIP/x', StateInterface: 'PJSIP/1002' }])), 'Jane Doe')
  })

  const before = (): ResyncScene =>
    listed([]).at(12).event('QueueMemberAdded', { Queue: 'support', MemberName: 'Joe', Interface: 'PJSIP/1002' })

  it('those that logged out meanwhile are not', () => {
    assert.equal(agentAfter(before()), 'Joe')
    const scene = before().lost().at(15)
    scene.event('ResyncEnd', { Lists: 'CoreStatus,CoreShowChannels,BridgeList,Status,ParkedCalls,QueueStatus' })
    assert.equal(agentAfter(scene), 'PJSIP/1002')
  })

  it('those of a list that is not whole, or not permitted, are kept', () => {
    const scene = before()
      .lost()
      .at(15)
      .event('QueueMember', { ...item, Queue: 'sales', Location: 'PJSIP/1003' })
    scene.event('ResyncEnd', { Lists: 'CoreStatus,CoreShowChannels,BridgeList,Status,ParkedCalls' })
    assert.equal(agentAfter(scene), 'Joe')
  })

  it('what was told since the session began counts more than the list', () => {
    const scene = before().lost().at(15)
    scene.event('QueueMemberAdded', { Queue: 'support', MemberName: 'Ann', Interface: 'SIP/1002' })
    scene.event('ResyncEnd', { Lists: 'CoreStatus,CoreShowChannels,BridgeList,Status,ParkedCalls,QueueStatus' })
    assert.equal(agentAfter(scene), 'PJSIP/1002')
  })
})
