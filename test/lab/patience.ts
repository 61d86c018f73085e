import { setTimeout as sleep } from 'node:timers/promises'

/** How long anything that is waited for may take, in ms: a busy machine is slow, a missing message never comes. */
export const PATIENCE_MS = 20_000

/** @throws if a promise is not kept in time; `what` says what was waited for */
export async function within<T>(promise: Promise<T>, what: string, ms = PATIENCE_MS): Promise<T> {
  const giveUp = new AbortController()
  const late = sleep(ms, undefined, { signal: giveUp.signal }).then(() => {
    throw new Error(`waited ${ms / 1000} s in vain for ${what}`)
  })
  late.catch(() => {})
  try {
    return await Promise.race([promise, late])
  } finally {
    giveUp.abort()
  }
}

/** Holding a hold, letting it ring: the time that a person takes. */
export function seconds(amount: number): Promise<void> {
  return sleep(amount * 1000)
}

/** Asks again and again, where nothing tells when it becomes so. @throws if it does not in time */
export async function until<T>(ask: () => T | undefined | false, what: string, ms = PATIENCE_MS): Promise<T> {
  const end = performance.now() + ms
  for (;;) {
    const answer = ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > end) throw new Error(`waited ${ms / 1000} s in vain for ${what}`)
    await sleep(50)
  }
}
