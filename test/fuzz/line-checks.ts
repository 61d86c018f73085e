import { strict as assert } from 'node:assert'
import { formatQueueLogLine, type QueueLogRecord } from '../../lib/queue-log/record.ts'

const FORM = /^\d+\|[^|]+\|[^|]+\|[^|]+\|[A-Z]+\|[^\n]*\n$/
const CONTROL = /[\p{Cc}\u2028\u2029]/u
const BEGINS = new Set(['CALLOUTBOUND', 'ENTERQUEUE'])
const ENDS = /^(COMPLETE(AGENT|CALLER)|BLINDTRANSFER|ATTENDEDTRANSFER|ABANDON|EXITWITHTIMEOUT)$/

/** What must be true of the lines that any stream gives. */
export class LineChecks {
  private readonly onHold = new Set<string>()
  private readonly members = new Map<string, number>()
  private readonly open = new Set<string>()

  /** A call of one of Asterisk's queues begins: the end of the one before was Asterisk's to write, and its hold ended with it. */
  connected(callid: string, queuename: string): void {
    this.onHold.delete(JSON.stringify([callid, queuename]))
  }

  check(line: QueueLogRecord): void {
    const text = formatQueueLogLine(line)
    assert.match(text, FORM)
    assert.doesNotMatch(text.trimEnd(), CONTROL)
    assert.ok(!text.includes('FORGED|'), text)
    const call = JSON.stringify([line.callid, line.queuename])
    if (line.event === 'CALLERONHOLD') {
      assert.ok(!this.onHold.has(call), `ON twice: ${text}`)
      this.onHold.add(call)
    } else if (line.event === 'CALLEROFFHOLD') assert.ok(this.onHold.delete(call), `OFF without ON: ${text}`)
    if (/^_?(q|pk)-/.test(line.queuename)) this.checkTracked(line, call, text)
  }

  /** Asterisk has stopped: no tracked call is open any more, and no agent is logged in for one. */
  allOver(): void {
    assert.deepEqual([...this.open], [], 'calls without an end')
    const loggedIn = [...this.members].filter(([, count]) => count > 0)
    assert.deepEqual(loggedIn, [], 'members that are not removed')
  }

  private checkTracked(line: QueueLogRecord, call: string, text: string): void {
    if (line.callid === 'MANAGER') {
      const member = JSON.stringify([line.queuename, line.agent])
      const count = (this.members.get(member) ?? 0) + (line.event === 'ADDMEMBER' ? 1 : -1)
      assert.ok(count === 0 || count === 1, `members out of balance: ${text}`)
      this.members.set(member, count)
    } else if (BEGINS.has(line.event)) this.open.add(call)
    else if (ENDS.test(line.event)) {
      assert.ok(this.open.delete(call), `an end without a beginning: ${text}`)
      assert.ok(!this.onHold.has(call), `an end within a hold: ${text}`)
    } else assert.ok(this.open.has(call), `of a call that is over: ${text}`)
  }
}
