import type { Conversation, ConversationEnd } from '../calls/conversations.ts'
import type { Deadline } from '../calls/deadlines.ts'
import type { Dial } from '../calls/dial.ts'
import type { CallToTrack } from './chosen-calls.ts'
import { type AgentName, agentOn, callidOf, endOf, outboundQueue, secondsBetween } from './fields.ts'
import { Members } from './members.ts'
import type { OnUnwritten, OpenCall, Rules, Surroundings, Tracker } from './tracker.ts'

export interface OutboundOptions {
  /** How long a dial must last unanswered to be tracked, in ms. */
  thresholdMs: number
  /** Writes callids as `:UNIQUEID`. */
  rewriteUniqueids: boolean
  /** Which calling channels are logged on a queue that is hidden (`_q-…`). */
  hides: (channelName: string) => boolean
  /** Why a call is not tracked at all; undefined if it is tracked. */
  leavesOut: (call: CallToTrack) => string | undefined
  /** The name of the agent. */
  agentName: AgentName
  /** Writes ADDMEMBER and REMOVEMEMBER. */
  joinLines: boolean
  /** The verb with which a call begins: reporting tools that do not know CALLOUTBOUND count calls by ENTERQUEUE. */
  beginsWith: 'callout' | 'enterqueue' | 'both'
}

/** A call that is tracked, or will be tracked when its dial has lasted long enough. */
interface OutboundCall {
  readonly callid: string
  readonly queuename: string
  readonly agent: string
  /** The calling channel: explain shows there why a call is not tracked, and its name may leave the call out. */
  readonly uniqueid: string
  readonly channelName: string
  /** The dialled number, when the call is announced: before that it may change. */
  number: string
  /** The DialBegin: ms since the epoch. */
  readonly began: number
  /** When it was connected: ms since the epoch; undefined while it rings. */
  connectedAt: number | undefined
  /** Until it is announced. */
  threshold: Deadline | undefined
  /**
   * Whether its threshold must wait for the lists: while nobody listened, the dial may have ended before the threshold.
   */
  awaitsLists: boolean
  /**
   * Before its threshold the call may still end. At the threshold its first lines are written, if it is not left out.
   */
  stage: 'before threshold' | 'announced' | 'left out'
}

/** Writes the calls that agents make: from the first DialBegin of a calling channel to the end of the conversation. */
export class OutboundTracker implements Tracker {
  private readonly options: OutboundOptions
  private readonly around: Surroundings
  private readonly members: Members
  private readonly ringing = new Map<Dial, OutboundCall>()
  private readonly talking = new Map<Conversation, OutboundCall>()

  onUnwritten: OnUnwritten | undefined

  readonly rules: Rules = {
    dialled: ({ dial, at }) => this.begin(dial, at),
    'dial-silent': ({ dial, reason, at }) => {
      const call = this.ringing.get(dial)
      if (call?.stage !== 'before threshold') return
      this.drop(dial, call)
      this.unwritten(call, reason, at)
    },
    'dial-over': ({ dial, waitedUntil, at }) => {
      const call = this.ringing.get(dial)
      if (call === undefined) return
      this.drop(dial, call)
      if (call.stage === 'before threshold') this.unwritten(call, 'it ended unanswered', at)
      if (call.stage === 'announced')
        this.close(call, 'ABANDON', ['1', '1', secondsBetween(call.began, waitedUntil)], at)
    },
    connected: ({ conversation, at }) => this.connect(conversation, at),
    parted: ({ conversation, end }) => this.end(conversation, end),
    gap: () => {
      for (const call of this.ringing.values()) call.awaitsLists = call.stage === 'before threshold'
    },
    'gap-known': () => {
      for (const [dial, call] of this.ringing) {
        const isOverdue = call.awaitsLists && call.threshold === undefined
        call.awaitsLists = false
        if (isOverdue) this.announce(dial, call)
      }
    },
    'passed-over': ({ what, uniqueid, reason }) => {
      if (what === 'dials') this.onUnwritten?.(uniqueid, reason)
    },
  }

  constructor(options: OutboundOptions, around: Surroundings) {
    this.options = options
    this.around = around
    this.members = new Members(options.joinLines)
  }

  get size(): number {
    return this.members.size + this.ringing.size + this.talking.size
  }

  openCalls(): OpenCall[] {
    const tracked = [...this.ringing.values(), ...this.talking.values()].filter(({ stage }) => stage !== 'left out')
    return tracked.map((call) => {
      const { callid, queuename, agent, number, began, connectedAt, stage } = call
      const ringing = stage === 'announced' ? 'ringing' : 'dialling'
      const state = connectedAt ? 'connected' : ringing
      return { callid, queuename, agent, number, space: '', state, since: connectedAt ?? began }
    })
  }

  atEnd(now: number): void {
    for (const call of this.ringing.values()) {
      if (call.stage === 'before threshold') this.unwritten(call, 'the stream ended', now)
    }
  }

  /** A call begins with its DialBegin. If it fell silent before its threshold, it begins with the next DialBegin. */
  private begin(dial: Dial, at: number): void {
    const before = this.ringing.get(dial)
    if (before !== undefined && before.stage !== 'before threshold') return
    const { agentChannel, beginning } = dial
    const { thresholdMs, rewriteUniqueids, hides, agentName } = this.options
    const call: OutboundCall = {
      callid: callidOf(agentChannel.uniqueid, rewriteUniqueids),
      queuename: outboundQueue(beginning.accountCode, hides(agentChannel.name)),
      agent: agentOn(agentChannel, agentName, this.around.calls.members),
      uniqueid: agentChannel.uniqueid,
      channelName: agentChannel.name,
      number: '',
      began: at,
      connectedAt: undefined,
      threshold: undefined,
      awaitsLists: false,
      stage: 'before threshold',
    }
    this.ringing.set(dial, call)
    const due = (): void => {
      call.threshold = undefined
      if (!call.awaitsLists) this.announce(dial, call)
    }
    call.threshold = this.around.after(thresholdMs, due, { happensAtEnd: false })
  }

  /** The threshold has passed. */
  private announce(dial: Dial, call: OutboundCall): void {
    const { thresholdMs, leavesOut, beginsWith } = this.options
    const number = dial.beginning.number()
    call.number = number
    const { uniqueid, channelName: channel, queuename } = call
    const leftOut = leavesOut({ uniqueid, channel, number, context: dial.beginning.context, queuename })
    if (leftOut !== undefined) {
      call.stage = 'left out'
      this.onUnwritten?.(call.uniqueid, leftOut)
      return
    }
    call.stage = 'announced'
    const at = call.began + thresholdMs
    this.write(this.members.add(call.queuename, call.agent, at))
    if (beginsWith !== 'callout') this.log({ ...call, agent: 'NONE' }, 'ENTERQUEUE', ['', number, '1'], at)
    if (beginsWith !== 'enterqueue') this.log(call, 'CALLOUTBOUND', ['', number], at)
  }

  private connect(conversation: Conversation, at: number): void {
    const { origin, other } = conversation
    if (origin.kind !== 'dial') return
    const call = this.ringing.get(origin.dial)
    if (call === undefined) return
    this.drop(origin.dial, call)
    if (call.stage === 'before threshold') this.unwritten(call, 'it was answered', at)
    if (call.stage !== 'announced') return
    call.connectedAt = at
    this.talking.set(conversation, call)
    const { from, to } = origin.rang
    this.log(call, 'CONNECT', [secondsBetween(call.began, at), other.uniqueid, secondsBetween(from, to)], at)
  }

  private end(conversation: Conversation, end: ConversationEnd): void {
    const call = this.talking.get(conversation)
    if (call?.connectedAt === undefined) return
    this.talking.delete(conversation)
    const { event, data } = endOf(end)
    const wait = secondsBetween(call.began, call.connectedAt)
    this.close(call, event, [...data, wait, secondsBetween(call.connectedAt, end.at), '1'], end.at)
  }

  private close(call: OutboundCall, event: string, data: string[], at: number): void {
    this.log(call, event, data, at)
    this.write(this.members.remove(call.queuename, call.agent, at))
  }

  private drop(dial: Dial, call: OutboundCall): void {
    call.threshold?.cancel()
    this.ringing.delete(dial)
  }

  /** A call is not tracked: something happened before its threshold. */
  private unwritten({ uniqueid, began }: OutboundCall, what: string, at: number): void {
    const ms = Math.max(0, Math.round(at - began))
    this.onUnwritten?.(
      uniqueid,
      `no outbound call: ${what} after ${ms} ms, before the threshold of ${this.options.thresholdMs} ms`,
    )
  }

  private log({ callid, queuename, agent }: OutboundCall, event: string, data: string[], at: number): void {
    this.around.write({ time: at / 1000, callid, queuename, agent, event, data })
  }

  private write(lines: ReturnType<Members['add']>): void {
    for (const line of lines) this.around.write(line)
  }
}
