import { gapFlow } from '../gap.ts'
import type { Stage } from '../stage.ts'
import { outboundCall } from './beginnings.ts'

const RINGS = /\|CALLOUTBOUND\|/

/** 1001 calls somebody over the trunk, whose phone rings. */
async function ringingCall(stage: Stage, extension = '95550001') {
  const trunk = await stage.trunk('let it ring')
  const call = await (await stage.phone('agent')).dial(extension)
  return { call, callee: await trunk.ringing() }
}

/** Calls of extensions that the daemon does not see for a while. */
export const outboundGapFlows = [
  gapFlow(
    'gap_out_rings_on',
    'an outbound call rings all through the gap, and is answered after it',
    async (stage, gap) => {
      await gap.isNear()
      const { call, callee } = await ringingCall(stage)
      await gap.passes(RINGS)
      callee.answer()
      await call.answered()
      await gap.logged(/\|CONNECT\|/)
      await call.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  gapFlow(
    'gap_out_answered',
    'an outbound call that rings is answered in the gap',
    async (stage, gap) => {
      await gap.isNear()
      const { call, callee } = await ringingCall(stage)
      await gap.passes(RINGS, async () => {
        callee.answer()
        await call.answered()
      })
      await gap.logged(/\|CONNECT\|/)
      await callee.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETECALLER|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  gapFlow(
    'gap_out_local_answered',
    'the same over a Local channel, which is optimised away in the gap: the trunk’s channel has answered',
    async (stage, gap) => {
      await gap.isNear()
      const { call, callee } = await ringingCall(stage, '25550001')
      const half = new RegExp(`^Local/95550001@${stage.named('from-internal')}-`)
      const optimised = stage.event('LocalOptimizationEnd', { LocalOneChannel: half })
      await gap.passes(RINGS, async () => {
        callee.answer()
        await Promise.all([call.answered(), optimised])
      })
      await gap.logged(/\|CONNECT\|/)
      await callee.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||25550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETECALLER|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  gapFlow(
    'gap_out_group_answered',
    'the second phone of a ring group, each behind a Local channel, answers in the gap',
    async (stage, gap) => {
      const phones = [await stage.phone('colleague', 'let it ring'), await stage.phone('stranger', 'let it ring')]
      const agent = await stage.phone('agent')
      await gap.isNear()
      const call = await agent.dial('610')
      const [, second] = await Promise.all(phones.map((phone) => phone.ringing()))
      await gap.passes(RINGS, async () => {
        second?.answer()
        await call.answered()
      })
      await gap.logged(/\|CONNECT\|/)
      await second?.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||610
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETECALLER|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  gapFlow(
    'gap_out_taken',
    '1001 calls 1002, and in the gap 1004 takes the call: the leg that rang is not the one that answered',
    async (stage, gap) => {
      const colleague = await stage.phone('colleague', 'let it ring')
      const stranger = await stage.phone('stranger')
      const agent = await stage.phone('agent')
      await gap.isNear()
      const call = await agent.dial(stage.extension('1002'))
      await colleague.ringing()
      await gap.passes(RINGS, async () => {
        await stranger.call(stage.extension('**1002'))
        await call.answered()
      })
      await gap.logged(/\|CONNECT\|/)
      await call.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||1002
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|COMPLETEAGENT|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  gapFlow(
    'gap_out_given_up',
    'the agent gives up in the gap a call that rings',
    async (stage, gap) => {
      await gap.isNear()
      const { call } = await ringingCall(stage)
      await gap.passes(RINGS, () => call.hangUp())
      await gap.logged(/\|ABANDON\|/)
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|ABANDON|1|1|#
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  gapFlow(
    'gap_out_held_call_ends',
    'the called party hangs up in the gap while on hold: the hold ends before the call',
    async (stage, gap) => {
      const { call, callee } = await outboundCall(stage)
      await call.hold()
      await gap.passes(/\|CALLERONHOLD\|/, async () => {
        await callee.hangUp()
        await call.ended()
      })
      await gap.logged(/\|COMPLETECALLER\|/)
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550001
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|COMPLETECALLER|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
]
