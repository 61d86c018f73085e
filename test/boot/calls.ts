import type { Pbx } from './pbx.ts'

const AGENT = 'Local/agent@phones/n'
const ENTERED = `
  {caller}|support|NONE|ENTERQUEUE|||1
  {caller}|support|${AGENT}|CONNECT|#wait|{leg}|#
  + {caller}|support|${AGENT}|CALLERONHOLD|`
const DIALLED = `
  + MANAGER|q-acme|IAX2/1001|ADDMEMBER|
  + :{dialler}|q-acme|IAX2/1001|CALLOUTBOUND||95550001
  + :{dialler}|q-acme|IAX2/1001|CONNECT|#answer|{peer}|#
  + :{dialler}|q-acme|IAX2/1001|COMPLETE*|#answer|#|1
  + MANAGER|q-acme|IAX2/1001|REMOVEMEMBER|`
const PARKED = '+ :{parked}|pk-default|NONE|ENTERQUEUE||701|1'

/** A call of a queue that is held and taken back, an outbound call, and a parked call that is picked up. */
const WHOLE = `
  ${ENTERED}
  + {caller}|support|${AGENT}|CALLEROFFHOLD|
  {caller}|support|${AGENT}|COMPLETE*|#wait|#|1

  ${DIALLED}

  ${PARKED}
  + MANAGER|pk-default|Local/fetch@callers|ADDMEMBER|
  + :{parked}|pk-default|Local/fetch@callers|CONNECT|#parked|{fetcher}|0
  + :{parked}|pk-default|Local/fetch@callers|COMPLETE*|#parked|#|1
  + MANAGER|pk-default|Local/fetch@callers|REMOVEMEMBER|`

/** The same, but Asterisk ended. Of the end of its own calls it does not always write. */
const CUT_SHORT = `
  ${ENTERED}
  ? {caller}|support|${AGENT}|COMPLETE*|#wait|#|1

  ${DIALLED}

  ${PARKED}
  + :{parked}|pk-default|NONE|ABANDON|1|1|#`

/** A call of each kind that ami-track follows, all at once. */
export class Calls {
  private readonly pbx: Pbx

  constructor(pbx: Pbx) {
    this.pbx = pbx
  }

  /** Until the caller of the queue is on hold, the outbound call is connected, and the third one is parked. */
  async begin(): Promise<void> {
    for (const beginning of ['queue', 'dial', 'park'] as const) await this.pbx.call(beginning)
    await this.pbx.wrote(/\|support\|.*\|CONNECT\|/)
    await this.pbx.wrote(/\|q-acme\|.*\|CONNECT\|/)
    await this.pbx.wrote(/\|pk-default\|NONE\|ENTERQUEUE\|/)
  }

  async hold(): Promise<void> {
    await this.pbx.press('#1')
    await this.pbx.wrote(/\|CALLERONHOLD\|/)
  }

  /** Takes the caller back, picks up the parked call, and hangs up: all lines are there, each once. */
  async end(): Promise<void> {
    await this.pbx.press('#2')
    await this.pbx.wrote(/\|CALLEROFFHOLD\|/)
    await this.pbx.call('fetch')
    await this.pbx.wrote(/\|pk-default\|.*\|CONNECT\|/)
    await this.pbx.hangUp()
    await this.pbx.wroteAll(WHOLE)
  }

  /** Something happens in the middle of the calls, and makes no difference. */
  async through(happens: () => Promise<void>): Promise<void> {
    await this.begin()
    await this.hold()
    await happens()
    await this.end()
  }

  /** Something happens in the middle of the calls, which ends Asterisk: they are closed. */
  async cutShortBy(happens: () => Promise<void>): Promise<void> {
    await this.begin()
    await this.hold()
    await happens()
    await this.pbx.booted()
    await this.pbx.wroteAll(CUT_SHORT)
  }
}
