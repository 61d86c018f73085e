import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { orCompleted, paragraphsWithLate, parseExpected } from './expected-lines.ts'
import { compareLines } from './match-lines.ts'

const roles = new Map([['agent', 'PJSIP/1001']])

function compare(expected: string, actual: string[]) {
  return compareLines(actual, parseExpected(expected, roles))
}

const hold = `
  {caller}|support|{agent}|CONNECT|#wait|{leg}|#
  + {caller}|support|{agent}|CALLERONHOLD|
  {caller}|support|{agent}|COMPLETEAGENT|#wait|#|1
`
const lines = [
  '17.2|support|PJSIP/1001|CONNECT|3|17.3|0',
  '17.2|support|PJSIP/1001|CALLERONHOLD|',
  '17.2|support|PJSIP/1001|COMPLETEAGENT|3|9|1',
]

test('lines that are as expected match, and it is told which are ours', () => {
  const { isSame, ours } = compare(hold, lines)
  assert.equal(isSame, true)
  assert.deepEqual([...ours], [1])
})

test('a line in the wrong place is told', () => {
  const { isSame, surprise, missing } = compare(hold, lines.toReversed())
  assert.equal(isSame, false)
  assert.equal(surprise, lines[2])
  assert.deepEqual(missing, ['{caller}|support|{agent}|CONNECT|#wait|{leg}|#'])
})

test('a line that is there twice, and one that is missing, are told', () => {
  assert.equal(compare(hold, [...lines, ...lines.slice(1, 2)]).surprise, lines[1])
  const { surprise, missing } = compare(hold, lines.slice(0, 2))
  assert.deepEqual([surprise, missing], [undefined, ['{caller}|support|{agent}|COMPLETEAGENT|#wait|#|1']])
})

test('a name stands for the same thing everywhere, and two names for two things', () => {
  assert.equal(compare(hold, [...lines.slice(0, 2), '17.2|support|PJSIP/1001|COMPLETEAGENT|5|9|1']).isSame, false)
  assert.equal(compare('{one}|q\n{two}|q', ['17.1|q', '17.2|q']).isSame, true)
  assert.equal(compare('{one}|q\n{two}|q', ['17.1|q', '17.1|q']).isSame, false)
})

test('a number of Asterisk’s own lines may be of the next second, and one of ours may not', () => {
  const end = '17.2|support|PJSIP/1001|COMPLETEAGENT|4|9|1'
  assert.equal(compare(hold, [...lines.slice(0, 2), end]).isSame, true)
  assert.equal(compare(hold.replaceAll(/^ +(?=\{)/gm, '+ '), [...lines.slice(0, 2), end]).isSame, false)
  assert.equal(compare(hold, [...lines.slice(0, 2), end.replace('4', '2')]).isSame, false)
})

test('paragraphs may be interleaved, in any way that fits', () => {
  const two = '{a}|q|ENTERQUEUE\n{a}|q|EXIT\n\n{b}|q|ENTERQUEUE\n{b}|q|ABANDON'
  const actual = ['1.2|q|ENTERQUEUE', '1.1|q|ENTERQUEUE', '1.2|q|ABANDON', '1.1|q|EXIT']
  assert.equal(compare(two, actual).isSame, true)
  assert.equal(compare(two, actual.toReversed()).isSame, false)
})

test('patterns stand inside of columns too', () => {
  const line = ':pbx1-17.2|pk-default|NONE|ENTERQUEUE||701-5551000|1'
  assert.equal(compare(':{parked}|pk-default|NONE|ENTERQUEUE||#space-5551000|1', [line]).isSame, true)
  assert.equal(compare('*|pk-default|NONE|ENTERQUEUE||*|1', [line]).isSame, true)
  assert.equal(compare('{parked}|pk-default|NONE|ENTERQUEUE||#-5551000|1', [line]).isSame, false)
})

test('what means something in a regular expression means itself', () => {
  assert.equal(compare('q|Local/1002@from-queue/n|a.b|(c)', ['q|Local/1002@from-queue/n|a.b|(c)']).isSame, true)
  assert.equal(compare('q|a.b', ['q|axb']).isSame, false)
})

test('of two lines with or between them there is one', () => {
  const either = '{a}|q|DONE|#|1 or {a}|q|GONE'
  for (const line of ['1.2|q|DONE|7|1', '1.2|q|GONE']) assert.equal(compare(either, [line]).isSame, true)
  assert.equal(compare(either, ['1.2|q|DONE|7|1', '1.2|q|GONE']).isSame, false)
})

test('a line that may be late has its place only if it is not', () => {
  const expected = parseExpected('~ {a}|q|joe|BLINDTRANSFER|700\n+ :{a}|pk|ENTERQUEUE')
  const actual = [':1.2|pk|ENTERQUEUE', '1.2|q|joe|BLINDTRANSFER|700']
  assert.equal(compareLines(actual, expected).isSame, false)
  assert.equal(compareLines(actual.toReversed(), expected).isSame, true)
  assert.equal(compareLines(actual, paragraphsWithLate(expected)).isSame, true)
  const tooLate = [':1.2|pk|ENTERQUEUE', '1.2|q|joe|COMPLETECALLER|1|7|1']
  assert.equal(compareLines(tooLate, expected).isSame, false)
  assert.equal(compareLines(tooLate, paragraphsWithLate(expected)).isSame, true)
})

test('a line that may be missing is there once, or not', () => {
  const expected = '{a}|q|GONE\n? {a}|q|DONE\n{a}|q|BYE'
  assert.equal(compare(expected, ['1.2|q|GONE', '1.2|q|BYE']).isSame, true)
  assert.equal(compare(expected, ['1.2|q|GONE', '1.2|q|DONE', '1.2|q|BYE']).isSame, true)
  assert.equal(compare(expected, ['1.2|q|GONE', '1.2|q|DONE', '1.2|q|DONE', '1.2|q|BYE']).isSame, false)
  assert.equal(compare('{a}|q|GONE\n? {a}|q|DONE', ['1.2|q|GONE']).isSame, true)
})

test('a transfer that may be a hang-up is either, with the same times', () => {
  const lines = '{a}|q|joe|CONNECT|#wait\n~ {a}|q|joe|BLINDTRANSFER|700|internal|#wait|#|1'
  const expected = parseExpected(lines).map((paragraph) => paragraph.map(orCompleted))
  const same = (end: string): boolean => compareLines(['1.2|q|joe|CONNECT|3', `1.2|q|joe|${end}`], expected).isSame
  assert.equal(same('BLINDTRANSFER|700|internal|3|7|1'), true)
  assert.equal(same('COMPLETEAGENT|3|7|1'), true)
  assert.equal(same('COMPLETEAGENT|9|7|1'), false)
  const [[attended]] = parseExpected('{a}|q|joe|ATTENDEDTRANSFER|APP|Dial|#wait|#|1') as [[never]]
  for (const [end, isSame] of Object.entries({ COMPLETECALLER: true, COMPLETEAGENT: false, ATTENDEDTRANSFER: false })) {
    assert.equal(compareLines([`1.2|q|joe|${end}|3|7|1`], [[orCompleted(attended)]]).isSame, isSame, end)
  }
  const [[ours]] = parseExpected('+ {a}|q|joe|BLINDTRANSFER|700|internal|#|#|1') as [[never]]
  assert.equal(orCompleted(ours), ours)
})
