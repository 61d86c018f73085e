import { AmiParser } from '../lib/ami/parser.ts'
import { neededEvents, trackers } from '../lib/trackers/table.ts'
import { Tracking } from '../lib/trackers/tracking.ts'
import { randomNumbers } from './generate.ts'

/**
 * `open-calls.js CALLS`: all trackers with so many calls open at once, of queues and outbound in turn. Prints as JSON the
 * seconds that a fixed number of further events takes, of calls that are held, that end and that begin; and what is in
 * memory while all calls are open, and when all have ended. Needs `--expose-gc`.
 */

const EVENTS = 400_000
const CHUNK_EVENTS = 200
const calls = Number(process.argv[2] ?? 1000)
const random = randomNumbers(1)
let clock = 1_800_000_000_000_000
let ids = 0

function event(name: string, headers: string): string {
  clock += 100
  return `Event: ${name}\r\nPrivilege: call,all\r\nTimestamp: ${(clock / 1e6).toFixed(6)}\r\n${headers}\r\n`
}

/** The headers of a channel as Asterisk gives them in every event of it. */
function channel(prefix: string, name: string, id: number): string {
  return (
    `${prefix}Channel: ${name}-${id.toString(16).padStart(8, '0')}\r\n${prefix}ChannelState: 6\r\n` +
    `${prefix}ChannelStateDesc: Up\r\n${prefix}CallerIDNum: 1001\r\n${prefix}CallerIDName: Somebody\r\n` +
    `${prefix}ConnectedLineNum: 5550001\r\n${prefix}ConnectedLineName: <unknown>\r\n${prefix}Language: en\r\n` +
    `${prefix}AccountCode: sales\r\n${prefix}Context: phones\r\n${prefix}Exten: 5550001\r\n${prefix}Priority: 1\r\n` +
    `${prefix}Uniqueid: 1800000000.${id}\r\n${prefix}Linkedid: 1800000000.${id}\r\n`
  )
}

/** What an event of a call holds of its parties. A call is but a number here: what is in memory is the trackers'. */
function headersOf(id: number): { caller: string; agent: string; both: string; bridge: string } {
  const caller = channel('', 'PJSIP/1001', id)
  const agent = channel('', 'PJSIP/trunk', id + 1)
  const both = caller + channel('Dest', 'PJSIP/trunk', id + 1)
  const bridge = `BridgeUniqueid: bridge-${id}\r\nBridgeType: basic\r\nBridgeTechnology: simple_bridge\r\n`
  return { caller, agent, both, bridge }
}

function isOutbound(id: number): boolean {
  return id % 4 === 0
}

function begin(id: number): string[] {
  const { caller, agent, both, bridge } = headersOf(id)
  const begun = [event('Newchannel', caller), event('Newchannel', agent)]
  if (isOutbound(id)) {
    begun.push(event('DialBegin', `${both}DialString: 5550001@trunk\r\n`))
    clock += 400_000
    begun.push(event('DialEnd', `${both}DialStatus: ANSWER\r\n`))
  } else {
    begun.push(event('QueueCallerJoin', `${caller}Queue: support\r\n`))
    begun.push(event('AgentConnect', `${both}Queue: support\r\nMemberName: Agent\r\nInterface: PJSIP/trunk\r\n`))
  }
  begun.push(event('BridgeEnter', bridge + agent), event('BridgeEnter', bridge + caller))
  return begun
}

function hold(id: number): string[] {
  const { agent } = headersOf(id)
  return [event('Hold', agent), event('Unhold', agent)]
}

function end(id: number): string[] {
  const { caller, agent, both, bridge } = headersOf(id)
  return [
    ...(isOutbound(id) ? [] : [event('AgentComplete', `${both}Queue: support\r\nMemberName: Agent\r\n`)]),
    event('HangupRequest', caller),
    event('BridgeLeave', bridge + agent),
    event('BridgeLeave', bridge + caller),
    event('Hangup', agent),
    event('Hangup', caller),
  ]
}

function nextId(): number {
  ids += 2
  return ids
}

const tracking = new Tracking(trackers)
let batch: Parameters<typeof tracking.pass>[0] = []
const parser = new AmiParser(
  { wants: (name) => neededEvents.has(name) },
  (message) => batch.push(message),
  () => {},
)
let lines = 0

function feed(chunk: Buffer): void {
  parser.feed(chunk)
  for (const record of tracking.pass(batch)) if (record.kind === 'queue_log') lines++
  batch = []
}

function megabytesInUse(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 1e6
}

// The code is warm before anything is measured.
for (let n = 0; n < 5000; n++) {
  const id = nextId()
  feed(Buffer.from([...begin(id), ...hold(id), ...end(id)].join('')))
}
const before = megabytesInUse()
const open = Array.from({ length: calls }, () => {
  const id = nextId()
  feed(Buffer.from(begin(id).join('')))
  return id
})
const whileOpen = megabytesInUse()

let seconds = 0
let events = 0
while (events < EVENTS) {
  const some: string[] = []
  while (some.length < CHUNK_EVENTS) {
    const at = Math.floor(random() * calls)
    const id = open[at] as number
    some.push(...hold(id))
    if (random() < 0.3) {
      const next = nextId()
      open[at] = next
      some.push(...end(id), ...begin(next))
    }
  }
  const chunk = Buffer.from(some.join(''))
  const start = process.hrtime.bigint()
  feed(chunk)
  seconds += Number(process.hrtime.bigint() - start) / 1e9
  events += some.length
}
const peakBytes = process.resourceUsage().maxRSS * 1024
for (const id of open) feed(Buffer.from(end(id).join('')))
open.length = 0
const { size } = tracking
process.stdout.write(
  `${JSON.stringify({ calls, events, lines, seconds, before, whileOpen, after: megabytesInUse(), size, peakBytes })}\n`,
)
