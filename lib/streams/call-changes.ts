import type { AmiMessage } from '../ami/message.ts'
import type { ParseReport } from '../ami/parser.ts'
import { FOLLOWED } from '../calls/calls.ts'
import type { Change, Followed } from '../calls/change.ts'
import { checkOptions, type Expected } from '../text/expected.ts'
import { listed } from '../text/listed.ts'
import { Tracking } from '../trackers/tracking.ts'
import { amiReader, readerOptions } from './ami-parse.ts'
import { type ItemStream, itemStream } from './item-stream.ts'

/** Options of {@link followCalls}. */
export interface FollowCallsOptions {
  /** What is of interest: the rest is not looked at. All, if not given. */
  follows?: readonly Followed[] | undefined
}

/** Options of {@link callChanges}. */
export interface CallChangesOptions extends FollowCallsOptions {
  /** Told of everything that was wrong in the AMI stream and read past. What it throws ends the stream. */
  onReport?: ((report: ParseReport) => void) | undefined
  /**
   * The greatest AMI message that is read, in bytes.
   *
   * @defaultValue 1048576
   */
  maxMessageBytes?: number | undefined
}

/** Follows calls, one AMI message after the other. */
export interface CallFollower {
  /**
   * Reads the next message of the stream.
   *
   * @returns what has happened: first what fell due before it, then what it tells
   */
  read(message: AmiMessage): Change[]
  /** The stream is at its end: what was still waiting for a better word. */
  end(): Change[]
  /** How many entries its tables hold: none when no call is open. */
  readonly size: number
}

const follows: Expected = {
  what: `an array of ${listed(FOLLOWED)}`,
  fits: (value) => Array.isArray(value) && value.every((one) => FOLLOWED.includes(one)),
}

/**
 * Follows calls by messages that a program has parsed by itself.
 *
 * @throws TypeError that names an option which does not exist, or has a value of a wrong kind
 */
export function followCalls(options: FollowCallsOptions = {}): CallFollower {
  checkOptions('followCalls', options, { follows })
  return follower(options)
}

/**
 * The bytes of an AMI stream in, the changes of its calls out.
 *
 * @throws TypeError that names an option which does not exist, or has a value of a wrong kind
 * @throws AmiStreamError (as the stream's error) if what is written is no AMI stream, or of an Asterisk too old
 */
export function callChanges(options: CallChangesOptions = {}): ItemStream<Change> {
  const { onReport, maxMessageBytes } = readerOptions
  checkOptions('callChanges', options, { follows, onReport, maxMessageBytes })
  const reader = amiReader({ onReport: options.onReport, maxMessageBytes: options.maxMessageBytes })
  const { read, end } = follower(options)
  const changesOf = (records: ReturnType<typeof reader.feed> = []): Change[] =>
    records.flatMap((record) => (record.kind === 'ami' ? read(record) : []))
  return itemStream(
    (chunk) => changesOf(reader.feed(chunk)),
    () => [...changesOf(reader.end()), ...end()],
  )
}

function follower({ follows = FOLLOWED }: FollowCallsOptions): CallFollower {
  const changes: Change[] = []
  const tracking = new Tracking([
    {
      options: {},
      follows,
      create: () => ({
        rules: {},
        afterChanges: (told: readonly Change[]) => void changes.push(...told),
        openCalls: () => [],
        size: 0,
      }),
    },
  ])
  return {
    read: (message) => {
      tracking.pass([message])
      return changes.splice(0)
    },
    end: () => {
      tracking.end()
      return changes.splice(0)
    },
    get size() {
      return tracking.size
    },
  }
}
