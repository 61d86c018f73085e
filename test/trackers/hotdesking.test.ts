import { describe, it } from 'node:test'
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

  it('makes a name with a bar and a newline harmless', async () => {
    await assertHotdesking(member('QueueMemberRemoved', 'a|b\nc'), ['1|MANAGER|support|a_b_c|REMOVEMEMBER|'])
  })
})
