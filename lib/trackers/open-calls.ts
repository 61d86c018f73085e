import type { OpenCall } from './tracker.ts'

/**
 * Open calls, each once. Of one, more than one tracker may know something: a hold outweighs a conversation.
 *
 * @param idOf the same for what is told of the same call
 */
export function eachOnce<C extends Pick<OpenCall, 'state' | 'number'>>(
  calls: readonly C[],
  idOf: (call: C) => string,
): C[] {
  const byId = new Map<string, C>()
  for (const call of calls) {
    const known = byId.get(idOf(call))
    const state = known === undefined || call.state === 'on hold' ? call : known
    byId.set(idOf(call), { ...state, number: known?.number || call.number })
  }
  return [...byId.values()]
}
