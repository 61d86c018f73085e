import {
  LISTS,
  MEMBER_NAMES_LOGGED,
  type NamesLogged,
  RESYNC_BEGIN,
  RESYNC_END,
  TICK,
  VALUE,
} from '../ami/own-events.ts'
import { startsWith } from '../ami/starts-with.ts'
import { formatTimestamp } from '../ami/timestamp.ts'
import type { ArrivalClock } from './arrival-clock.ts'

const EVENT = Buffer.from('Event:')
const PRIVILEGE = Buffer.from('Privilege:')
const TIMESTAMP = Buffer.from('Timestamp:')
/** The only event without a Timestamp when others have one: its arrival says nothing about the server's clock. */
export const FULLY_BOOTED = Buffer.from('Event: FullyBooted\r\n')
const LINE_END = '\r\n'
const EMPTY_LINE = '\r\n\r\n'
const CR = 0x0d
const LF = 0x0a
const BLANK = 0x20
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39
/** Room after a message for a Timestamp line and two line ends. */
const ROOM = 64
const SMALLEST_BUFFER = 64 * 1024
const NO_BYTES: Buffer = Buffer.alloc(0)
/**
 * A Stamper is emptied in the same turn in which it is filled. Until then it has this buffer: no other one needs it.
 */
let spare: Buffer | undefined

/**
 * The message that says that time has passed while nothing else came, in the form of Asterisk's messages.
 *
 * @param ms since the epoch
 */
export function tickMessage(ms: number): Buffer {
  return Buffer.from(`Event: ${TICK}\r\nPrivilege: \r\nTimestamp: ${formatTimestamp(ms)}\r\n\r\n`)
}

/**
 * The message that says that a session begins, and that nobody knows what happened before. It has no time, because the
 * server has not sent a time yet.
 */
export const RESYNC_BEGIN_MESSAGE = Buffer.from(`Event: ${RESYNC_BEGIN}\r\nPrivilege: \r\n\r\n`)

/**
 * The message that says that all requested lists are here.
 *
 * @param ms since the epoch
 * @param lists the actions whose lists are complete
 */
export function resyncEndMessage(ms: number, lists: readonly string[]): Buffer {
  const timestamp = formatTimestamp(ms)
  return Buffer.from(
    `Event: ${RESYNC_END}\r\nPrivilege: \r\nTimestamp: ${timestamp}\r\n${LISTS}: ${lists.join(',')}\r\n\r\n`,
  )
}

/**
 * The message that says whether Asterisk itself logs members in by name. It has no time, because it is no event of a
 * call.
 */
export function memberNamesMessage(value: NamesLogged): Buffer {
  return Buffer.from(`Event: ${MEMBER_NAMES_LOGGED}\r\nPrivilege: \r\n${VALUE}: ${value}\r\n\r\n`)
}

/**
 * Joins messages that arrived at once, each with its empty line, and with a Timestamp in every event. An event without
 * a Timestamp gets it at the place where `timestampevents=yes` puts it (`Event`, `Privilege`, `Timestamp`).
 */
export class Stamper {
  private readonly clock: ArrivalClock
  private bytes: Buffer = NO_BYTES
  private length = 0
  /** Where Asterisk's last timestamp is in {@link bytes}: it is read once for all messages of an arrival. */
  private lastStampAt = -1

  constructor(clock: ArrivalClock) {
    this.clock = clock
  }

  /** Adds bytes as they are. */
  addRaw(bytes: Buffer): void {
    this.copy(bytes, 0, bytes.length)
  }

  /** Adds a message as it is, `bytes[start..end)` without its empty line. */
  addUnstamped(bytes: Buffer, start: number, end: number): void {
    this.copy(bytes, start, end)
    this.write(EMPTY_LINE)
  }

  /** Adds a message, `bytes[start..end)` without its empty line. */
  add(bytes: Buffer, start: number, end: number): void {
    if (!startsWith(bytes, start, end, EVENT)) {
      this.copy(bytes, start, end)
      this.write(EMPTY_LINE)
      return
    }
    const second = nextLine(bytes, start, end)
    const third = startsWith(bytes, second, end, PRIVILEGE) ? nextLine(bytes, second, end) : second
    // At any other place it is not Asterisk's timestamp: a UserEvent has all headers that the dialplan gives it.
    if (startsWith(bytes, third, end, TIMESTAMP)) {
      this.lastStampAt = this.length + third - start
      this.copy(bytes, start, end)
    } else {
      // All messages of one arrival have the same time.
      if (this.lastStampAt >= 0) this.readStamp()
      this.copy(bytes, start, third)
      if (third === end) this.write(LINE_END)
      const isGreeting = startsWith(bytes, start, end, FULLY_BOOTED)
      this.write(`Timestamp: ${formatTimestamp(isGreeting ? this.clock.now() : this.clock.arrived())}`)
      if (third < end) this.write(LINE_END)
      this.copy(bytes, third, end)
    }
    this.write(EMPTY_LINE)
  }

  /** Everything that was added since the last call. */
  take(): Buffer {
    if (this.lastStampAt >= 0) this.readStamp()
    const taken = Buffer.from(this.bytes.subarray(0, this.length))
    this.length = 0
    // One big message is no reason to keep so much memory forever.
    if (this.bytes.length > 0 && this.bytes.length <= 4 * SMALLEST_BUFFER) spare = this.bytes
    this.bytes = NO_BYTES
    return taken
  }

  private readStamp(): void {
    const ms = readSeconds(this.bytes, this.lastStampAt + TIMESTAMP.length, this.length) * 1000
    this.lastStampAt = -1
    if (ms > 0) this.clock.stamped(ms)
  }

  private copy(bytes: Buffer, start: number, end: number): void {
    this.makeRoom(end - start)
    bytes.copy(this.bytes, this.length, start, end)
    this.length += end - start
  }

  private write(ascii: string): void {
    this.length += this.bytes.write(ascii, this.length, 'latin1')
  }

  private makeRoom(bytes: number): void {
    const needed = this.length + bytes + ROOM
    if (needed <= this.bytes.length) return
    if (this.bytes.length === 0 && spare !== undefined && spare.length >= needed) {
      this.bytes = spare
      spare = undefined
      return
    }
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2, SMALLEST_BUFFER))
    this.bytes.copy(larger, 0, 0, this.length)
    this.bytes = larger
  }
}

function nextLine(bytes: Buffer, from: number, end: number): number {
  for (let at = from; at < end; at++) if (bytes[at] === LF && bytes[at - 1] === CR) return at + 1
  return end
}

/** The number at the end of a line, ` 1795373363.148000`, digit by digit; 0 if it is none. */
function readSeconds(bytes: Buffer, start: number, end: number): number {
  let at = start
  while (bytes[at] === BLANK) at++
  let digits = 0
  let scale = 0
  for (; at < end && bytes[at] !== CR; at++) {
    const byte = bytes[at] ?? 0
    if (byte === DOT && scale === 0) scale = 1
    else if (byte >= ZERO && byte <= NINE) {
      digits = digits * 10 + byte - ZERO
      scale *= 10
    } else return 0
  }
  return digits / (scale || 1)
}
