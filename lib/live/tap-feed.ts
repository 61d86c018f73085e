import type { ServerResponse } from 'node:http'
import type { TapRow, TapSelection } from '../explain/tap.ts'
import type { PbxTap } from './pbx-tap.ts'
import { eventOf, SIGN_OF_LIFE, SIGN_OF_LIFE_MS, sendTo } from './send-to.ts'

/** Rows go out together that come within so long, in ms. */
const ROWS_TOGETHER_MS = 20

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
    (why) => looker.end(eventOf('over', JSON.stringify({ why }))),
  )
  const living = setInterval(() => sendTo(looker, SIGN_OF_LIFE), SIGN_OF_LIFE_MS)
  looker.on('close', () => {
    clearTimeout(flushing)
    clearInterval(living)
    end()
  })
}
