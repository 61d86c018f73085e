import { strict as assert } from 'node:assert'
import { beforeEach, describe, it } from 'node:test'
import type { AmiMessage } from '../../lib/ami/message.ts'
import { type MemberNote, QueueMembers } from '../../lib/calls/queue-members.ts'
import { Scene } from '../support/scene.ts'

let members: QueueMembers
let told: string[]
let notes: MemberNote[]
beforeEach(() => {
  told = []
  notes = []
  members = new QueueMembers(
    (change) => told.push(change.kind === 'member-names-logged' ? `${change.kind} ${change.areLogged}` : change.kind),
    (note) => notes.push(note),
  )
})

function read(event: string, headers: Record<string, string> = {}): void {
  const [message] = new Scene().event(event, headers).records
  members.apply(message as AmiMessage, 5)
}
const add = (name: string, at: string, more: Record<string, string> = {}): void =>
  read('QueueMemberAdded', { Queue: 'support', MemberName: name, Interface: at, ...more })
const list = (name: string, at: string, more: Record<string, string> = {}): void =>
  read('QueueMember', { Queue: 'support', Name: name, Location: at, ...more })
const namesOf = (): string[] => [...members].map(({ queue, name }) => `${queue} ${name}`)

describe('The members of queues', () => {
  it('are those that were added and not removed', () => {
    add('Jane', 'PJSIP/1001', { Membership: 'dynamic', Paused: '1', StateInterface: 'hint:1001@ext' })
    add('Joe', 'PJSIP/1002', { Membership: 'static', Paused: '0' })
    read('QueueMemberRemoved', { Queue: 'support', MemberName: 'Joe', Interface: 'PJSIP/1002' })
    assert.deepEqual(told, ['member-added', 'member-added', 'member-removed'])
    assert.deepEqual(
      [...members],
      [
        {
          queue: 'support',
          name: 'Jane',
          interface: 'PJSIP/1001',
          stateInterface: 'hint:1001@ext',
          isDynamic: true,
          isPaused: true,
        },
      ],
    )
    assert.equal(members.size, 1)
  })

  it('are one for each interface in a queue: the last word on it counts', () => {
    add('Jane', 'PJSIP/1001')
    add('Joan', 'PJSIP/1001')
    read('QueueMemberAdded', { Queue: 'sales', MemberName: 'Jane', Interface: 'PJSIP/1001' })
    assert.deepEqual(namesOf(), ['support Joan', 'sales Jane'])
  })

  it('without a queue or an interface are none', () => {
    read('QueueMember', { Queue: '', Name: 'Jane', Location: 'PJSIP/1' })
    read('QueueMember', { Queue: 'support', Name: 'Jane', Location: '' })
    assert.equal(members.size, 0)
    assert.deepEqual(notes, [])
  })

  it('are noted once where nothing is new', () => {
    for (const more of [
      {},
      {},
      { Paused: '1' },
      { StateInterface: 'PJSIP/9' },
      { StateInterface: 'PJSIP/9', Membership: 'dynamic' },
    ])
      list('Jane', 'PJSIP/1001', more)
    assert.deepEqual(
      notes.map(({ isNew }) => isNew),
      [true, false, false, true, true],
    )
    read('QueueMemberRemoved', { Queue: 'support', Interface: 'PJSIP/1001' })
    read('QueueMemberRemoved', { Queue: 'support', Interface: 'PJSIP/1001' })
    assert.deepEqual(
      notes.slice(5).map(({ member, isNew }) => [member, isNew]),
      [[undefined, true]],
    )
  })

  it('that connect are learnt where they are not known, and by a new name; they keep their StateInterface', () => {
    const connect = (name: string): void =>
      read('AgentConnect', { Queue: 'support', MemberName: name, Interface: 'Local/1001@q' })
    connect('Jane')
    assert.deepEqual(namesOf(), ['support Jane'])
    list('Jane', 'Local/1001@q', { StateInterface: 'PJSIP/1001' })
    connect('Jane')
    connect('Joan')
    assert.deepEqual(
      [...members].map(({ name, stateInterface }) => [name, stateInterface]),
      [['Joan', 'PJSIP/1001']],
    )
  })

  it('that a complete list does not have are gone; those of a list that failed stay', () => {
    for (const lists of ['Status', '']) {
      add('Jane', 'PJSIP/1001')
      read('ResyncBegin')
      assert.deepEqual(
        members.unlisted().map(({ name }) => name),
        ['Jane'],
      )
      read('ResyncEnd', { Lists: lists })
      assert.deepEqual(namesOf(), ['support Jane'])
    }
    add('Joe', 'PJSIP/1002')
    read('ResyncBegin')
    list('Joe', 'PJSIP/1002')
    read('ResyncEnd', { Lists: 'Status,QueueStatus' })
    assert.deepEqual(namesOf(), ['support Joe'])
    assert.deepEqual(members.unlisted(), [], 'no lists are awaited')
  })

  it('that connect or are added while a list is read are there, also where the list does not have them', () => {
    add('Jane', 'PJSIP/1001')
    read('ResyncBegin')
    read('AgentConnect', { Queue: 'support', MemberName: 'Jane', Interface: 'PJSIP/1001' })
    add('Joe', 'PJSIP/1002')
    read('ResyncEnd', { Lists: 'QueueStatus' })
    assert.deepEqual(namesOf(), ['support Jane', 'support Joe'])
  })
})

describe('The name at a phone', () => {
  it('is that of the member whose interface it is, in whatever case its technology is written', () => {
    add('Jane', 'pjsip/1001')
    assert.equal(members.nameAt('PJSIP/1001'), 'Jane')
    assert.equal(members.nameAt('SIP/1001'), undefined)
    assert.equal(members.nameAt('PJSIP/1002'), undefined)
  })

  it('is that of the closest: the interface before the StateInterface, and that before the number', () => {
    list('number', 'Local/1001@from-queue/n')
    assert.equal(members.nameAt('PJSIP/1001'), 'number')
    list('state', 'Local/x@from-queue/n', { StateInterface: 'PJSIP/1001' })
    assert.equal(members.nameAt('PJSIP/1001'), 'state')
    list('interface', 'PJSIP/1001')
    assert.equal(members.nameAt('PJSIP/1001'), 'interface')
    list('later', 'Local/y@from-queue/n', { StateInterface: 'PJSIP/1001' })
    assert.equal(members.nameAt('PJSIP/1001'), 'interface')
  })

  it('is that of a hint’s number, but not of an agent of app_agent_pool', () => {
    list('hint', 'Local/9@x', { StateInterface: 'hint:1001@ext-local' })
    assert.equal(members.nameAt('SIP/1001'), 'hint')
    list('pool', 'Local/1002@agents', { StateInterface: 'Agent:1002' })
    assert.equal(members.nameAt('PJSIP/1002'), undefined)
  })

  it('of two as close is the newer one’s, but that of one with a name', () => {
    list('first', 'Local/1001@one')
    list('second', 'Local/1001@two')
    assert.equal(members.nameAt('PJSIP/1001'), 'second')
    list('Local/1001@three', 'Local/1001@three')
    assert.equal(members.nameAt('PJSIP/1001'), 'second')
    list('third', 'Local/1001@two')
    assert.equal(members.nameAt('PJSIP/1001'), 'third')
  })

  it('is none where the member is called like its phone, or like nothing', () => {
    list('PJSIP/1001', 'PJSIP/1001')
    list('', 'PJSIP/1002')
    list('PJSIP/1003', 'Local/1003@q')
    for (const phone of ['PJSIP/1001', 'PJSIP/1002', 'PJSIP/1003']) assert.equal(members.nameAt(phone), undefined)
  })
})

describe('Whether Asterisk logs members in by name', () => {
  it('is what a message says; that it is awaited changes nothing that is known', () => {
    assert.equal(members.namesLogged, undefined)
    read('MemberNamesLogged', { Value: 'awaited' })
    assert.equal(members.namesLogged, 'awaited')
    read('MemberNamesLogged', { Value: 'perhaps' })
    assert.equal(members.namesLogged, 'awaited')
    read('MemberNamesLogged', { Value: 'yes' })
    assert.equal(members.namesLogged, true)
    read('MemberNamesLogged', { Value: 'awaited' })
    assert.equal(members.namesLogged, true)
    read('MemberNamesLogged', { Value: 'no' })
    assert.equal(members.namesLogged, false)
    assert.deepEqual(told, ['member-names-logged true', 'member-names-logged false'])
  })
})
