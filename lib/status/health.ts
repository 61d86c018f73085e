/** Whether all is well: an answer by HTTP, and a sentence. */
export interface Health {
  readonly code: 200 | 404 | 503
  readonly text: string
}

/** @param problem what is wrong; undefined if all is well */
export function healthOf(problem: string | undefined): Health {
  return problem === undefined ? { code: 200, text: 'ok' } : { code: 503, text: problem }
}
