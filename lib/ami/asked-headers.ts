/** No more names than these are looked for in one kind of event: a program that asks for more and more of them is not one of ours. */
const MAX_NAMES = 100
const MAX_NAME_BYTES = 64
const SHAPES = 256
/** A name as AMI sends it: whatever else is asked for is looked up among the decoded headers. */
const PLAIN_NAME = /^[!-9;-~]+$/

/** Added to the number of a name that is spelled in another case. */
export const OTHER_CASE = 1

/** The names that the readers themselves look for, by their numbers. */
const OWN_NAMES = ['Timestamp', 'Event', 'Response'] as const
export const TIMESTAMP_ID = 0
export const EVENT_ID = 1
export const RESPONSE_ID = 2
/** How many names are known where no others were asked for. */
export const NO_OTHERS = OWN_NAMES.length

/**
 * The names of the headers that were asked for so far, of one kind of event. A message is looked through once for all of
 * them, and what nobody asks for is never decoded: searching a message anew for each of them, and for the many that it
 * does not have, was a fifth of a replay.
 */
export class AskedHeaders {
  private readonly ids = new Map<string, number>()
  private readonly folded = new Set<string>()
  private readonly names: Buffer[] = []
  /** For each shape the last name that has it, and for each name the one before it of the same shape; ids + 1, 0 if none. */
  private readonly lastOfShape = new Uint8Array(SHAPES)
  private readonly earlierOfShape: number[] = []

  constructor() {
    for (const name of OWN_NAMES) this.add(name)
  }

  /** How many names are known: their ids are below it. */
  get count(): number {
    return this.names.length
  }

  /** The number of a name, which is looked for from now on; -1 for one that is not. */
  idOf(name: string): number {
    return this.ids.get(name) ?? this.add(name)
  }

  private add(name: string): number {
    if (this.names.length === MAX_NAMES || name.length > MAX_NAME_BYTES || !PLAIN_NAME.test(name)) return -1
    // A header is noted for one name: who asks for it in another spelling as well finds it among the decoded ones.
    const folded = name.toLowerCase()
    if (this.folded.has(folded)) return -1
    this.folded.add(folded)
    const bytes = Buffer.from(name, 'latin1')
    const id = this.names.push(bytes) - 1
    const shape = shapeOf(bytes, 0, bytes.length)
    this.earlierOfShape.push(this.lastOfShape[shape] as number)
    this.lastOfShape[shape] = id + 1
    this.ids.set(name, id)
    return id
  }

  /**
   * Which name stands in `bytes[start..end)`, which must not be empty: twice its id, {@link OTHER_CASE} added where it is
   * spelled in another case; -1 if nobody asked for it.
   */
  match(bytes: Uint8Array, start: number, end: number): number {
    let next = this.lastOfShape[shapeOf(bytes, start, end)] as number
    while (next > 0) {
      const id = next - 1
      const found = compare(this.names[id] as Buffer, bytes, start, end)
      if (found >= 0) return 2 * id + found
      next = this.earlierOfShape[id] as number
    }
    return -1
  }
}

/** The same for all spellings of a name. */
function shapeOf(bytes: Uint8Array, start: number, end: number): number {
  const first = (bytes[start] as number) | 0x20
  const last = (bytes[end - 1] as number) | 0x20
  return ((end - start) * 37 + first * 5 + last * 11) & (SHAPES - 1)
}

/** 0 if the name is the same, {@link OTHER_CASE} if its letters are, -1 if it is another. */
function compare(name: Uint8Array, bytes: Uint8Array, start: number, end: number): number {
  if (name.length !== end - start) return -1
  let same = 0
  for (let at = 0; at < name.length; at++) {
    const wanted = name[at] as number
    const found = bytes[start + at] as number
    if (wanted === found) continue
    const letter = wanted | 0x20
    if ((found | 0x20) !== letter || letter < 0x61 || letter > 0x7a) return -1
    same = OTHER_CASE
  }
  return same
}
