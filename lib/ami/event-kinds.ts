import { AskedHeaders } from './asked-headers.ts'

/** What is known of all events of a name. */
export interface EventKind {
  readonly name: string
  readonly isWanted: boolean
  readonly asked: AskedHeaders
}

/** Asterisk has some 200 events. Beyond these bounds a stream of ever new names costs time, and no memory. */
const MAX_KINDS = 1024
const MAX_NAME_BYTES = 64
const BUCKETS = 1024
const MAX_OF_BUCKET = 8

/**
 * The kinds of events, found by their names or the bytes of these: a name is decoded, and asked whether it is wanted, once and not
 * for every event.
 */
export class EventKinds {
  /** Whether an event of this name is wanted. */
  readonly wants: (event: string) => boolean
  private readonly byName = new Map<string, EventKind>()
  private readonly buckets: { bytes: Buffer; kind: EventKind }[][] = Array.from({ length: BUCKETS }, () => [])
  private readonly askedOfOthers = new AskedHeaders()

  constructor(wants: (event: string) => boolean) {
    this.wants = wants
  }

  /** The kind of the event whose name is `bytes[start..end)`. */
  at(bytes: Buffer, start: number, end: number): EventKind {
    const bucket = this.buckets[shapeOf(bytes, start, end)] as { bytes: Buffer; kind: EventKind }[]
    for (let n = 0; n < bucket.length; n++) {
      const known = bucket[n] as { bytes: Buffer; kind: EventKind }
      if (isEqual(known.bytes, bytes, start, end)) return known.kind
    }
    const kind = this.named(bytes.toString('latin1', start, end))
    if (kind.asked !== this.askedOfOthers && bucket.length < MAX_OF_BUCKET)
      bucket.push({ bytes: Buffer.from(kind.name, 'latin1'), kind })
    return kind
  }

  /** Knows the event of a name from now on, whatever comes before it. */
  know(name: string): void {
    const bytes = Buffer.from(name, 'latin1')
    this.at(bytes, 0, bytes.length)
  }

  /** The kind of the event of a name, as a byte string. */
  named(text: string): EventKind {
    const known = this.byName.get(text)
    if (known !== undefined) return known
    const name = internalized(text)
    const isOneMore = this.byName.size < MAX_KINDS && name.length <= MAX_NAME_BYTES
    const asked = isOneMore ? new AskedHeaders() : this.askedOfOthers
    const kind = { name, isWanted: this.wants(name), asked }
    if (isOneMore) this.byName.set(name, kind)
    return kind
  }
}

/**
 * The same text as V8 keeps the names of properties: it compares such texts by their addresses. Trackers compare an
 * event's name with a dozen others, and a text that was just decoded letter by letter.
 */
function internalized(text: string): string {
  return Object.keys({ [text]: true })[0] ?? text
}

/** Few of Asterisk's events share one. */
function shapeOf(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start
  const middle = (bytes[start + (length >> 1)] as number) * 5 + (bytes[start + (length >> 2)] as number) * 3
  return (length * 131 + middle + (bytes[start] as number) * 67 + (bytes[end - 1] as number) * 29) & (BUCKETS - 1)
}

function isEqual(name: Uint8Array, bytes: Uint8Array, start: number, end: number): boolean {
  if (name.length !== end - start) return false
  for (let at = 0; at < name.length; at++) if (name[at] !== bytes[start + at]) return false
  return true
}
