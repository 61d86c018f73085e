import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { isLoggedByName, namesLogged } from '../../lib/queue-log/names-logged.ts'
import { isOfTrackers } from '../../lib/trackers/table.ts'

const shown = (text: string): boolean | undefined => namesLogged(text.trim().split('\n'), isOfTrackers)

describe('whether Asterisk itself logs members in by their names', () => {
  it('is shown by an ADDMEMBER of its own with a name', () => {
    assert.equal(shown('1795748626|1795748623.205|600|Jane Doe|ADDMEMBER|'), true)
    assert.equal(
      shown('1795748626|MANAGER|600|Jane Doe|HOTDESKING|PJSIP/1002\n1795748626|MANAGER|600|Jane Doe|ADDMEMBER|'),
      true,
    )
  })

  it('is shown by an interface that was logged in, and by lines of ours behind it: that member has a name', () => {
    const lines = `
1795373598|MANAGER|support|PJSIP/1001|ADDMEMBER|
1795373598|MANAGER|support|PJSIP/1001|REMOVEMEMBER|
1795373598|MANAGER|support|joe|HOTDESKING|PJSIP/1001
1795373598|MANAGER|support|joe|ADDMEMBER|`
    assert.equal(shown(lines), false)
    // Lines of other queues, and of calls, may stand between them.
    const apart = lines
      .trim()
      .split('\n')
      .join('\n1795373598|1.1|sales|ann|CONNECT|1|2|3\n1795373598|M|sales|ann|REMOVEMEMBER|\n')
    assert.equal(shown(apart), false)
  })

  it('is not shown by an interface alone, for that may be a member without a name, nor by what trackers log in', () => {
    assert.equal(shown('1795373598|MANAGER|support|PJSIP/1001|ADDMEMBER|'), undefined)
    assert.equal(
      shown('1795373598|MANAGER|q-acme|Jane Doe|ADDMEMBER|\n1795373598|MANAGER|pk-default|Jane Doe|ADDMEMBER|'),
      undefined,
    )
    assert.equal(shown(''), undefined)
  })

  it('is shown as well where two members log in at the same time, and their lines stand between each other', () => {
    const [jane, joe] = [
      ['PJSIP/1001', 'Jane'],
      ['PJSIP/1002', 'Joe'],
    ].map(([own, name]) => [
      `1795373598|MANAGER|support|${own}|ADDMEMBER|`,
      `1795373598|MANAGER|support|${own}|REMOVEMEMBER|`,
      `1795373598|MANAGER|support|${name}|HOTDESKING|${own}`,
      `1795373598|MANAGER|support|${name}|ADDMEMBER|`,
    ])
    for (const lines of interleavings(jane ?? [], joe ?? []))
      assert.equal(shown(lines.join('\n')), false, lines.join('\n'))
  })

  it('is not shown by a file that has our lines alone', () => {
    const lines = `
1795373598|MANAGER|support|PJSIP/1001|REMOVEMEMBER|
1795373598|MANAGER|support|joe|HOTDESKING|PJSIP/1001
1795373598|MANAGER|support|joe|ADDMEMBER|`
    assert.equal(shown(lines), undefined)
    assert.equal(shown(`${lines}\n1795373599|MANAGER|support|joe|REMOVEMEMBER|${lines}`), undefined)
  })

  it('is what the last line shows, as queues.conf may have been changed', () => {
    const byInterface = `
1795373598|MANAGER|support|PJSIP/1001|ADDMEMBER|
1795373598|MANAGER|support|PJSIP/1001|REMOVEMEMBER|
1795373598|MANAGER|support|joe|HOTDESKING|PJSIP/1001
1795373598|MANAGER|support|joe|ADDMEMBER|`
    const byName = '\n1795373700|MANAGER|support|joe|ADDMEMBER|'
    assert.equal(shown(byInterface + byName), true)
    assert.equal(shown(byName + byInterface), false)
  })
})

describe('how Asterisk has logged in a member that was just added', () => {
  const joe = { queue: 'support', name: 'joe', interface: 'PJSIP/1001' }
  const how = (...lines: string[]): boolean | undefined => isLoggedByName(lines, joe, 100)

  it('is told by its line, once that is there', () => {
    assert.equal(how('100|M|support|joe|ADDMEMBER|'), true)
    assert.equal(how('100|M|support|PJSIP/1001|ADDMEMBER|PAUSED'), false)
    assert.equal(
      how('100|M|sales|joe|ADDMEMBER|', '99|M|support|joe|ADDMEMBER|', '100|M|support|joe|PAUSE|'),
      undefined,
    )
  })

  it('is not told by our own lines, which are all where Asterisk writes another file', () => {
    const ours = ['100|M|support|PJSIP/1001|REMOVEMEMBER|', '100|M|support|joe|HOTDESKING|PJSIP/1001']
    assert.equal(how(...ours, '100|M|support|joe|ADDMEMBER|'), undefined)
    assert.equal(how(...ours, '100|M|support|PJSIP/1002|ADDMEMBER|', '100|M|support|joe|ADDMEMBER|'), undefined)
  })

  it('is by the interface where a line of ours has the name as well', () => {
    assert.equal(how('100|M|support|PJSIP/1001|ADDMEMBER|', '100|M|support|joe|ADDMEMBER|'), false)
    assert.equal(how('100|M|support|joe|ADDMEMBER|', '100|M|support|PJSIP/1001|ADDMEMBER|'), false)
  })
})

/** All ways to put two lists into one, each in its order. */
function interleavings<T>(one: readonly T[], other: readonly T[]): T[][] {
  const [first, second] = [one[0], other[0]]
  if (first === undefined || second === undefined) return [[...one, ...other]]
  return [
    ...interleavings(one.slice(1), other).map((rest) => [first, ...rest]),
    ...interleavings(one, other.slice(1)).map((rest) => [second, ...rest]),
  ]
}
