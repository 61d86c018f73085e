import type { Transform } from 'node:stream'
import type { Batch } from '../records/record.ts'
import { objectStage } from '../streams/object-stage.ts'
import type { Tracking } from '../trackers/tracking.ts'
import type { ExplainedCall } from './call.ts'
import { type CallDraft, explained } from './call-draft.ts'
import { Explainer } from './explainer.ts'
import type { OwnLines } from './own-lines.ts'
import { isNarrowed, isSelected, type Selection } from './selection.ts'
import type { View } from './view.ts'

/** Of more calls than these, where none is asked for, there is a list. */
const FEW = 12

export interface ExplainOptions {
  tracking: Tracking
  selection: Selection
  view: View
  /** Asterisk's own lines, to be shown among ours. */
  ownLines?: OwnLines | undefined
  /** Handed each call that is asked for, before it is shown. */
  onSelected?: (draft: CallDraft) => void
}

/** Batches of AMI messages in, what is told of their calls out, as text. */
export function explainStage({
  tracking,
  selection,
  view,
  ownLines,
  onSelected = () => {},
}: ExplainOptions): Transform {
  let out = view.head()
  let listed = 0
  /** The first calls, until it is known whether they are few; undefined once they are not. */
  const tellsAtOnce = isNarrowed(selection) || !view.listsMany
  let few: ExplainedCall[] | undefined = tellsAtOnce ? undefined : []

  function tell(draft: CallDraft): void {
    if (!isSelected(selection, draft)) {
      ownLines?.forget(draft.byUniqueid.keys())
      return
    }
    onSelected(draft)
    const call = explained(draft)
    const { begin, end } = explainer.bounds
    ownLines?.readTo(Math.floor(begin / 1000), Math.floor(end / 1000))
    ownLines?.mergeInto(call)
    if (tellsAtOnce) {
      out += view.call(call)
      return
    }
    if (few !== undefined && few.length < FEW) {
      few.push(call)
      return
    }
    for (const one of [...(few ?? []), call]) {
      out += view.summary(one)
      listed++
    }
    few = undefined
  }

  const explainer = new Explainer(tracking, tell)
  function taken(): string | undefined {
    const text = out
    out = ''
    return text === '' ? undefined : text
  }
  return objectStage<Batch, string>(
    (batch) => {
      for (const record of batch) if (record.kind === 'ami') explainer.pass(record)
      return taken()
    },
    () => {
      explainer.end()
      for (const call of few ?? []) out += view.call(call)
      out += view.tail(listed)
      return taken()
    },
  )
}
