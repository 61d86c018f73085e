/**
 * A call of Asterisk's own queue is over, and Asterisk has written so. It stands between the lines that a sink is given,
 * behind those of the call.
 */
export class QueueCallEnd {
  readonly kind = 'queue call end'
  readonly callid: string
  /** undefined where the caller has hung up: its call is over, in whatever queue. */
  readonly queuename: string | undefined

  constructor(callid: string, queuename?: string) {
    this.callid = callid
    this.queuename = queuename
  }
}

/** All calls that ended while nobody listened have been told of: the {@link QueueCallEnd} of each stands before it. */
export class CallsKnown {
  readonly kind = 'calls known'
}

/** Asterisk shuts down: all calls have ended, and it has written so, also where no event tells of it. */
export class AllCallsEnded {
  readonly kind = 'all calls ended'
}

export type QueueCallMark = QueueCallEnd | CallsKnown | AllCallsEnded
