import type { FakeAsterisk } from './fake-asterisk.ts'

/**
 * Sends the events of a queue call, and its end once its lines are written: right behind a login its holds wait until it is
 * known which calls are over.
 *
 * @param events from a recording
 * @param lines how many follow from them
 */
export async function playCall(server: FakeAsterisk, events: Buffer, lines: number): Promise<void> {
  const end = events.indexOf('Event: AgentComplete')
  server.send(events.subarray(0, end))
  await server.until(() => server.queueLog.length === lines)
  server.send(events.subarray(end))
}
