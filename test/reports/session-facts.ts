import type { AmiEvent } from './events.ts'

/** Someone logged in to a queue. */
export interface SessionFact {
  queue: string
  /** The member's name, and its interface. */
  person: string
  phone: string
  /** Seconds since the epoch; without an end it goes on. */
  from: number
  to?: number
}

/** Who was a member of which queue, and how long. */
export function sessionsOf(events: readonly AmiEvent[]): SessionFact[] {
  const sessions: SessionFact[] = []
  for (const { name, at, get } of events) {
    const [queue, phone] = [get('Queue'), get('Interface')]
    if (name === 'QueueMemberAdded') sessions.push({ queue, person: get('MemberName'), phone, from: at })
    if (name !== 'QueueMemberRemoved') continue
    const session = sessions.find((one) => one.queue === queue && one.phone === phone && one.to === undefined)
    if (session !== undefined) session.to = at
  }
  return sessions
}
