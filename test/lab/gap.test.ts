import { strict as assert } from 'node:assert'
import { test } from 'node:test'
import { Gap, gapFlow } from './gap.ts'
import type { Stage } from './stage.ts'

/** Only what the flow itself does is looked at. */
const nowhere = {} as Stage
const logged = async (): Promise<void> => {}

test('a gap begins when all flows are there, and ends when all have gone through', async () => {
  const said: string[] = []
  const gap = new Gap(2, {
    begin: async () => void said.push('it begins'),
    end: async () => void said.push('it ends'),
  })
  const flow = (name: string, isNearFirst: boolean) =>
    gapFlow(
      name,
      '',
      async (_, { isNear, passes }) => {
        if (isNearFirst) await isNear()
        said.push(`${name} is there`)
        await passes(/./, async () => said.push(`${name} goes through`))
        said.push(`${name} is out`)
      },
      '',
    )
  const flows = [flow('one', true), flow('two', false)].map((one) => gap.through(one, logged))
  await Promise.all(flows.map(({ play }) => play(nowhere)))
  const expected = ['two is there', 'one is there', 'it begins', 'one goes through', 'two goes through', 'it ends']
  assert.deepEqual(said.slice(0, 6).toSorted(), expected.toSorted())
  assert.deepEqual([said[0], said[1], said[2], said[5]], ['two is there', 'one is there', 'it begins', 'it ends'])
  assert.deepEqual(said.slice(6).toSorted(), ['one is out', 'two is out'])
})

test('a flow that fails before the gap does not keep the others', async () => {
  const gap = new Gap(2, { begin: logged, end: logged })
  const good = gapFlow('good', '', (_, { passes }) => passes(/./), '')
  const bad = gapFlow('bad', '', () => Promise.reject(new Error('no answer')), '')
  const results = await Promise.allSettled([good, bad].map((flow) => gap.through(flow, logged).play(nowhere)))
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'rejected'],
  )
})

test('a gap that cannot begin fails every flow', async () => {
  const gap = new Gap(1, { begin: () => Promise.reject(new Error('it does not end')), end: logged })
  const flow = gapFlow('one', '', (_, { passes }) => passes(/./), '')
  await assert.rejects(gap.through(flow, logged).play(nowhere), /it does not end/)
})
