import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import type { Tracking } from '../../lib/trackers/tracking.ts'
import { ResyncScene } from '../support/resync-scene.ts'
import { Scene } from '../support/scene.ts'
import { assertLines, trackingOf } from '../support/tracking.ts'

const member = (event: string, name: string, more: Record<string, string> = {}): Scene =>
  new Scene().at(1).event(event, { Queue: 'support', MemberName: name, Interface: 'PJSIP/1001', ...more })

const assertHotdesking = (scene: Scene, expected: string[]): Promise<unknown> =>
  assertLines(() => trackingOf('track-hotdesking'), scene, expected)

describe('track-hotdesking', () => {
  it('logs a member with a name in by its name', async () => {
    await assertHotdesking(member('QueueMemberAdded', 'joe'), [
      '1|MANAGER|support|PJSIP/1001|REMOVEMEMBER|',
      '1|MANAGER|support|joe|HOTDESKING|PJSIP/1001',
      '1|MANAGER|support|joe|ADDMEMBER|',
    ])
  })

  it('logs it out by its name, whether or not its log-in was seen', async () => {
    await assertHotdesking(member('QueueMemberRemoved', 'joe'), ['1|MANAGER|support|joe|REMOVEMEMBER|'])
  })

  it('leaves members without a name of their own alone', async () => {
    for (const event of ['QueueMemberAdded', 'QueueMemberRemoved']) {
      await assertHotdesking(member(event, 'PJSIP/1001'), [])
      await assertHotdesking(member(event, ''), [])
    }
  })

  it('passes on that a member is added paused, as Asterisk writes it', async () => {
    await assertHotdesking(member('QueueMemberAdded', 'joe', { Paused: '1' }), [
      '1|MANAGER|support|PJSIP/1001|REMOVEMEMBER|',
      '1|MANAGER|support|joe|HOTDESKING|PJSIP/1001',
      '1|MANAGER|support|joe|ADDMEMBER|PAUSED',
    ])
  })

  it('logs nothing where no queue is named', async () => {
    await assertHotdesking(new Scene().event('QueueMemberRemoved', { MemberName: 'joe', Interface: 'PJSIP/1' }), [])
  })

  it('makes a name with a bar and a newline harmless', async () => {
    await assertHotdesking(member('QueueMemberRemoved', 'a|b\nc'), ['1|MANAGER|support|a_b_c|REMOVEMEMBER|'])
  })
})

describe('track-hotdesking, of a member who is removed while nobody listens,', () => {
  const LISTS = 'CoreStatus,CoreShowChannels,BridgeList,Status,ParkedCalls'
  const item = { Queue: 'support', Name: 'joe', Location: 'PJSIP/1001', ActionID: 'ami-track-8' }
  /** A session in which members are listed, and one in which none is. */
  const scene = (members: Record<string, string>[], lists: string, added: Record<string, string> = {}): ResyncScene => {
    const first = new ResyncScene().at(1)
    for (const member of members) first.event('QueueMember', { ...item, ...member })
    first.event('ResyncEnd', { Lists: `${LISTS},QueueStatus` })
    if (Object.keys(added).length > 0) first.at(2).event('QueueMemberAdded', added)
    return first.lost().at(5).event('ResyncEnd', { Lists: lists }).at(6)
  }
  const OUT = '5|MANAGER|support|joe|REMOVEMEMBER|'
  const joe = { Queue: 'support', MemberName: 'joe', Interface: 'PJSIP/1001', Membership: 'dynamic' }

  it('logs the name out: it must not stay logged in forever', async () => {
    await assertHotdesking(scene([{ Membership: 'dynamic' }], `${LISTS},QueueStatus`), [OUT])
    const lines = [
      '2|MANAGER|support|PJSIP/1001|REMOVEMEMBER|',
      '2|MANAGER|support|joe|HOTDESKING|PJSIP/1001',
      '2|MANAGER|support|joe|ADDMEMBER|',
    ]
    await assertHotdesking(scene([], `${LISTS},QueueStatus`, joe), [...lines, OUT])
  })

  it('writes nothing where the list of members is not whole', async () => {
    await assertHotdesking(scene([{ Membership: 'dynamic' }], LISTS), [])
  })

  it('writes nothing of one that nobody logged in: of queues.conf, of realtime, or without a name', async () => {
    const members = [{ Membership: 'static' }, { Membership: 'realtime', Location: 'PJSIP/1002' }]
    const unnamed = { Membership: 'dynamic', Name: 'PJSIP/1003', Location: 'PJSIP/1003' }
    await assertHotdesking(scene([...members, unnamed], `${LISTS},QueueStatus`), [])
  })
})

describe('track-hotdesking, where Asterisk logs members in by their names itself,', () => {
  const INTERFACE = '1|MANAGER|support|joe|HOTDESKING|PJSIP/1001'
  const BY_NAME = ['1|MANAGER|support|PJSIP/1001|REMOVEMEMBER|', INTERFACE, '1|MANAGER|support|joe|ADDMEMBER|']
  const names = () => trackingOf('track-hotdesking', { hotdesking: 'names' })
  const told = (value: string, scene = new Scene()): Scene => scene.event('MemberNamesLogged', { Value: value })
  const joe = { Queue: 'support', MemberName: 'joe', Interface: 'PJSIP/1001' }

  it('with names, tells only the interface, and nothing when the member leaves', async () => {
    await assertLines(names, member('QueueMemberAdded', 'joe', { Paused: '1' }), [INTERFACE])
    await assertLines(names, member('QueueMemberRemoved', 'joe'), [])
  })

  it('with names, waits for no word of the stream, and a word that says no is not heard', async () => {
    await assertLines(names, told('awaited').at(1).event('QueueMemberAdded', joe), [INTERFACE])
    await assertLines(names, told('no').at(1).event('QueueMemberAdded', joe), [INTERFACE])
  })

  it('as the stream tells, does the same', async () => {
    await assertHotdesking(told('yes').at(1).event('QueueMemberAdded', joe), [INTERFACE])
    await assertHotdesking(told('yes').at(1).event('QueueMemberRemoved', joe), [])
  })

  it('as it is told to be over, logs members in by their names again', async () => {
    await assertHotdesking(told('no', told('yes').at(1)).event('QueueMemberAdded', joe), BY_NAME)
    await assertHotdesking(told('no').at(1).event('QueueMemberRemoved', joe), ['1|MANAGER|support|joe|REMOVEMEMBER|'])
  })

  it('waits for the word where it is awaited, and writes the time of the log-in', async () => {
    const added = (): Scene => told('awaited').at(1).event('QueueMemberAdded', joe).at(1.1)
    const later = (value: string): Scene => told(value, added()).at(3).event('Newchannel')
    const yes = await assertHotdesking(later('yes'), [INTERFACE])
    assert.equal((yes as Tracking).size, 0)
    await assertHotdesking(later('no'), BY_NAME)
  })

  it('waits 250 ms at most: then the file does not show it, and the member is logged in', async () => {
    const scene = told('awaited').at(1).event('QueueMemberAdded', joe).at(1.3).event('Newchannel')
    await assertHotdesking(told('yes', scene).at(2).event('QueueMemberRemoved', joe), BY_NAME)
  })

  it('lets what waits go first when a member leaves', async () => {
    const scene = told('awaited').at(1).event('QueueMemberAdded', joe).event('QueueMemberRemoved', joe)
    await assertHotdesking(scene, [...BY_NAME, '1|MANAGER|support|joe|REMOVEMEMBER|'])
  })

  it('awaits nothing more once it is known', async () => {
    const scene = told('awaited', told('no').at(1)).event('QueueMemberAdded', joe)
    await assertHotdesking(scene, BY_NAME)
  })

  it('does not hear a word that is none', async () => {
    await assertHotdesking(told('perhaps').at(1).event('QueueMemberAdded', joe), BY_NAME)
  })
})
