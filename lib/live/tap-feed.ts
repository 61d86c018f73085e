import type { ServerResponse } from 'node:http'
import type { TapRow, TapSelection } from '../explain/tap.ts'
import type { PbxTap } from './pbx-tap.ts'
import { eventOf, sendTo } from './send-to.ts'

/** Rows go out together that come within so long, in ms. */
const ROWS_TOGETHER_MS = 20
/** A comment keeps proxies and readers from closing what is silent, after so long, in ms. */
const SIGN_OF_LIFE_MS = 15_000

/** Tells one who listens of calls as they happen, until it goes or the PBX is not followed any more. */
export function feedTap(tap: PbxTap, selection: TapSelection, looker: ServerResponse): void {
  let rows: TapRow[] = []
  let flushing: NodeJS.Timeout | undefined
  const flush = (): void => {
    flushing = undefined
    sendTo(looker, eventOf('told', JSON.stringify({ rows })))
    rows = []
  }
  const end = tap.listen(
    selection,
    (row) => {
      rows.push(row)
      flushing ??= setTimeout(flush, ROWS_TOGETHER_MS)
    },
    () => looker.end(),
  )
  const living = setInterval(() => sendTo(looker, ':\n\n'), SIGN_OF_LIFE_MS)
  looker.on('close', () => {
    clearTimeout(flushing)
    clearInterval(living)
    end()
  })
}
