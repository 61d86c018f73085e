import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { asInLaneZero, callerIn, extensionIn, type Lane, laneOf, lanes } from './lanes.ts'

const lane = lanes[3] as Lane

test('a line is told from those of other lanes by any name in it, but not by a Uniqueid', () => {
  const numberOf = (line: string): number | undefined => laneOf(...line.split('|').slice(1))?.number
  assert.equal(numberOf('1795373361|17953.1402|support_3|NONE|ENTERQUEUE||5551003|1'), 3)
  assert.equal(numberOf('1795373361|:17953.1402|q-outbound|PJSIP/1303|CALLOUTBOUND||95550001'), 3)
  assert.equal(numberOf('1795373361|NONE|NONE|joe_3|PAUSEALL|Lunch'), 3)
  assert.equal(numberOf('1795373361|NONE|NONE|NONE|CONFIGRELOAD|'), undefined)
})

test('a line of a lane reads as in lane 0', () => {
  assert.equal(
    asInLaneZero('1795373361|:17953.1302|pk-default_3|PJSIP/1302|BLINDTRANSFER|1304|from-internal_3|3|13|1', lane),
    '1795373361|:17953.1302|pk-default|PJSIP/1002|BLINDTRANSFER|1004|from-internal|3|13|1',
  )
  assert.equal(asInLaneZero('1|u|localq_3|Jane Doe_3|HOTDESKING|Local/1302@from-queue/n', lane).includes('3'), false)
  assert.equal(
    asInLaneZero('1|u|pk-quick_3|NONE|ENTERQUEUE||801-5551003|1', lane),
    '1|u|pk-quick|NONE|ENTERQUEUE||801-5551000|1',
  )
})

test('extensions and callers have the number of their lane', () => {
  assert.equal(extensionIn(lane, '1002'), '1302')
  assert.equal(extensionIn(lane, '700'), '700')
  assert.equal(callerIn(lane), '5551003')
})

test('lanes beyond the ninth have names of their own', () => {
  const twelfth = lanes[12] as Lane
  assert.equal(extensionIn(twelfth, '1002'), '11202')
  assert.equal(callerIn(twelfth), '55510012')
  assert.equal(laneOf('PJSIP/11202'), twelfth)
  assert.equal(laneOf('701-55510012'), twelfth)
  assert.equal(laneOf('pk-default_12'), twelfth)
  const line = '1|u|localq_12|Jane Doe_12|HOTDESKING|Local/11202@from-queue/n'
  assert.equal(asInLaneZero(line, twelfth), '1|u|localq|Jane Doe|HOTDESKING|Local/1002@from-queue/n')
  assert.equal(laneOf('q-acme_1'), lanes[1])
})
