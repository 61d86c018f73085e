import { flow } from '../flow.ts'
import type { Stage } from '../stage.ts'
import { talk } from './beginnings.ts'

/** Originate rings a phone; answered, it dials an outside number. */
export async function click(stage: Stage, channel: string, more: Readonly<Record<string, string>> = {}): Promise<void> {
  await stage.action('Originate', {
    Channel: channel,
    Exten: '95550009',
    Context: stage.named('from-internal'),
    Priority: '1',
    CallerID: 'Out <5550009>',
    Async: 'true',
    ...more,
  })
}

/** Calls that a CRM makes for an agent. */
export const clickToCallFlows = [
  flow(
    'click_direct',
    'Originate calls PJSIP/1001 with an account code of its own; a hold; the customer hangs up',
    async (stage) => {
      const trunk = await stage.trunk()
      const agent = await stage.phone('agent')
      await click(stage, stage.interface('PJSIP/1001'), { Account: stage.named('clicks') })
      const call = await agent.incoming()
      const customer = await trunk.incoming()
      await talk()
      await call.holdFor(1)
      await talk()
      await customer.hangUp()
    },
    `
    + MANAGER|q-clicks|{agent}|ADDMEMBER|
    + :{call}|q-clicks|{agent}|CALLOUTBOUND||95550009
    + :{call}|q-clicks|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-clicks|{agent}|CALLERONHOLD|
    + :{call}|q-clicks|{agent}|CALLEROFFHOLD|
    + :{call}|q-clicks|{agent}|COMPLETECALLER|#wait|#|1
    + MANAGER|q-clicks|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'click_local_blind',
    'Originate calls Local/1001; a hold; the agent sends the customer to 1002',
    async (stage) => {
      const trunk = await stage.trunk({ answerAfter: 1.2 })
      const agent = await stage.phone('agent')
      const colleague = await stage.phone('colleague')
      await click(stage, stage.interface(`Local/1001@${stage.named('from-internal')}`))
      const call = await agent.incoming()
      await trunk.incoming()
      await talk()
      await call.holdFor(1)
      await talk()
      await call.transfer(stage.extension('1002'))
      const taken = await colleague.incoming()
      await talk()
      await taken.hangUp()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550009
    + :{call}|q-acme|{agent}|CONNECT|#wait|{leg}|#
    + :{call}|q-acme|{agent}|CALLERONHOLD|
    + :{call}|q-acme|{agent}|CALLEROFFHOLD|
    + :{call}|q-acme|{agent}|BLINDTRANSFER|1002|from-internal|#wait|#|1
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
  flow(
    'click_agent_refuses',
    'Originate calls PJSIP/1001, who refuses: there was no call',
    async (stage) => {
      await stage.phone('agent', { reject: 486, after: 0.8 })
      const response = stage.event('OriginateResponse', { Response: 'Failure' })
      await click(stage, stage.interface('PJSIP/1001'))
      await response
    },
    '',
  ),
  flow(
    'click_customer_busy',
    'Originate calls PJSIP/1001; the customer is busy',
    async (stage) => {
      await stage.trunk({ reject: 486, after: 1 })
      const agent = await stage.phone('agent')
      await click(stage, stage.interface('PJSIP/1001'))
      const call = await agent.incoming()
      await call.ended()
    },
    `
    + MANAGER|q-acme|{agent}|ADDMEMBER|
    + :{call}|q-acme|{agent}|CALLOUTBOUND||95550009
    + :{call}|q-acme|{agent}|ABANDON|1|1|#
    + MANAGER|q-acme|{agent}|REMOVEMEMBER|
    `,
  ),
]
