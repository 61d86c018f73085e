import { readFileSync } from 'node:fs'
import TinyQueue from 'tinyqueue'

/**
 * Makes a dump of any size out of recordings: each copy of a recording has its own Uniqueids, channel suffixes, bridges,
 * parking spaces and time, and many of them run at once. The same seed gives the same bytes.
 */

/** One id or time within a message, and what it becomes in a copy. */
interface Slot {
  kind: 'timestamp' | 'uniqueid' | 'suffix' | 'bridge' | 'space'
  /** Of a timestamp, µs since the recording's first second; of anything else, which of its kind it is in the recording. */
  index: number
  /** Of a Uniqueid: seconds since the recording's first second. */
  second: number
}

interface TemplateMessage {
  /** µs since the recording's first second */
  time: number
  /** Text and slots in turn: a text first and last. */
  texts: string[]
  slots: Slot[]
}

export interface Template {
  name: string
  messages: TemplateMessage[]
  /** The lines that a recording gives, in the same form; `time` is that of the line, in whole seconds. */
  lines: TemplateMessage[]
}

/** A copy of a template: the `copy`th of the dump, begun `start` seconds since the epoch. */
export interface Copy {
  copy: number
  start: number
}

/** More than any recording has of one kind of id. */
const IDS_PER_COPY = 256

const TOKEN =
  /(?<timestamp>(?<=Timestamp: )\d+\.\d{6})|(?<bridge>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|(?<uniqueid>\b\d{10}\.\d+\b)|(?<space>(?<=ParkingSpace: |ENTERQUEUE\|\|)\d+)|(?<suffix>(?<=\/[^\s|]*-)[0-9a-f]{8}\b)/g

/**
 * Reads a recording as a template.
 *
 * @param lines the lines that it gives, without their line ends
 */
export function readTemplate(name: string, amiFile: string, lines: readonly string[] = []): Template {
  const stream = readFileSync(amiFile, 'latin1').replace(/^Asterisk Call Manager[^\n]*\n/, '')
  const first = Number(/Timestamp: (\d+)/.exec(stream)?.[1])
  const ids = new Map<string, number>()
  const messages: TemplateMessage[] = []
  for (const message of stream.split('\r\n\r\n')) {
    if (message.startsWith('Event:')) messages.push(templateOf(`${message}\r\n\r\n`, first, ids))
  }
  const lineTemplates = lines.map((line) => {
    const [time = ''] = line.split('|')
    const template = templateOf(line.slice(time.length), first, ids)
    return { ...template, time: (Number(time) - first) * 1e6 }
  })
  return { name, messages, lines: lineTemplates }
}

function templateOf(text: string, first: number, ids: Map<string, number>): TemplateMessage {
  const texts: string[] = []
  const slots: Slot[] = []
  let from = 0
  let time = 0
  for (const match of text.matchAll(TOKEN)) {
    const token = match[0]
    const kind = (Object.keys(match.groups ?? {}) as Slot['kind'][]).find((name) => match.groups?.[name] !== undefined)
    if (kind === undefined) continue
    const second = Number(token.split('.')[0]) - first
    let index = ids.get(token)
    if (kind === 'timestamp') {
      index = second * 1e6 + Number(token.split('.')[1])
      time = index
    } else if (index === undefined) {
      index = ids.size
      ids.set(token, index)
    }
    texts.push(text.slice(from, match.index))
    slots.push({ kind, index, second })
    from = match.index + token.length
  }
  texts.push(text.slice(from))
  return { time, texts, slots }
}

/** The text of a message, or the columns of a line behind its time, in a copy. */
export function fill({ texts, slots }: TemplateMessage, { copy, start }: Copy): string {
  let text = texts[0] ?? ''
  for (let at = 0; at < slots.length; at++) {
    const { kind, index, second } = slots[at] as Slot
    const id = copy * IDS_PER_COPY + index
    if (kind === 'timestamp') {
      text += `${start + Math.floor(index / 1e6)}.${String(index % 1e6).padStart(6, '0')}`
    } else if (kind === 'uniqueid') text += `${start + second}.${id}`
    else if (kind === 'space') text += 1000 + id
    else if (kind === 'suffix') text += (id >>> 0).toString(16).padStart(8, '0')
    else text += `00000000-0000-4000-8000-${id.toString(16).padStart(12, '0')}`
    text += texts[at + 1]
  }
  return text
}

export interface DumpOptions {
  templates: readonly Template[]
  /** How many bytes at least. */
  bytes: number
  /** How many recordings run at once. */
  lanes: number
  seed: number
  /** The dump's first second, since the epoch. */
  start?: number
  /** Told of each copy as it begins. */
  onCopy?: (template: Template, copy: Copy) => void
}

interface Lane {
  template: Template
  copy: Copy
  next: number
  /** µs since the epoch */
  time: number
}

/** The chunks of a dump of some 64 KiB each. Every recording begun is played to its end. */
export function* dump({
  templates,
  bytes,
  lanes,
  seed,
  start = 1_800_000_000,
  onCopy,
}: DumpOptions): Generator<Buffer> {
  const random = randomNumbers(seed)
  const queue = new TinyQueue<Lane>([], (a, b) => a.time - b.time)
  let copies = 0
  function begin(second: number): void {
    const template = templates[Math.floor(random() * templates.length)] as Template
    const copy = { copy: copies++, start: second }
    onCopy?.(template, copy)
    queue.push({ template, copy, next: 0, time: second * 1e6 + (template.messages[0]?.time ?? 0) })
  }
  for (let lane = 0; lane < lanes; lane++) begin(start + Math.floor(random() * 10))

  let written = 0
  let chunk = 'Asterisk Call Manager/11.0.0\r\n'
  for (let lane = queue.pop(); lane !== undefined; lane = queue.pop()) {
    chunk += fill(lane.template.messages[lane.next] as TemplateMessage, lane.copy)
    if (chunk.length >= 65536) {
      written += chunk.length
      yield Buffer.from(chunk, 'latin1')
      chunk = ''
    }
    lane.next++
    const message = lane.template.messages[lane.next]
    if (message !== undefined) {
      // Real stamps run back by a millisecond now and then; the order of a recording's events is kept all the same.
      lane.time = Math.max(lane.time, lane.copy.start * 1e6 + message.time)
      queue.push(lane)
    } else if (written < bytes) {
      begin(Math.ceil(lane.time / 1e6) + 1)
    }
  }
  if (chunk !== '') yield Buffer.from(chunk, 'latin1')
}

/** Evenly spread numbers from 0 up to 1 (mulberry32): the same for the same seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
