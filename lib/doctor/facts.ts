import { join } from 'node:path'
import type { Beat } from '../election/beat.ts'
import type { QueueLogTail } from '../queue-log/tail.ts'
import type { SinkKind } from '../sinks/sink.ts'
import type { TrackerEntry } from '../trackers/row.ts'

/** What ami-track is to do on a PBX: the options that the checks depend on. */
export interface Purpose {
  readonly host: string
  readonly port: number
  /** The manager user. */
  readonly login: string
  /** Whether the PBX runs on this machine. */
  readonly isSameMachine: boolean
  /** The trackers that are switched on. */
  readonly trackers: readonly TrackerEntry[]
  /** Their switches and options. */
  readonly options: Readonly<Record<string, unknown>>
  /** Where the lines are to go. */
  readonly sink: SinkKind
  /** The queue_log that Asterisk writes, if it was named. */
  readonly tail: QueueLogTail | undefined
  /** Whether it stands by while another one writes. */
  readonly standby: boolean
}

/** How an action was answered. */
export type Answer =
  | 'permitted'
  /** The classes of `write` do not permit it. */
  | 'denied'
  /** No module that is loaded has this action. */
  | 'unknown'
  | 'unanswered'

/** What Asterisk's configuration files say; an empty text is not set. */
export interface Configuration {
  /** `read`, `writetimeout`, `eventfilter` of the manager user in manager.conf. */
  readonly read: string
  readonly writetimeout: string
  readonly eventfilter: string
  /** `timestampevents` and `disabledevents` of all users. */
  readonly timestampevents: string
  readonly disabledevents: string
  /** `queue_log`, `queue_log_name`, `queue_log_to_file` in logger.conf. */
  readonly queueLog: string
  readonly queueLogName: string
  readonly queueLogToFile: string
  /** `astlogdir` in asterisk.conf. */
  readonly logFolder: string
  /** Where extconfig.conf sends queue_log: `driver,database,table`. */
  readonly realtime: string
  /** `log_membername_as_agent` in queues.conf. */
  readonly logMembernameAsAgent: string
}

export interface QueueMember {
  readonly queue: string
  readonly name: string
  /** What the queue dials. */
  readonly location: string
  /** By what the queue knows whether it is busy. */
  readonly stateInterface: string
}

/** {@link LineFacts.unreadable} of a file that is not there. */
export const MISSING = 'ENOENT'

/** What became of a line that was sent for a test. */
export interface LineFacts {
  /** Whether Asterisk took one; undefined if none was sent. */
  readonly isTaken: boolean | undefined
  /** What Asterisk said instead. */
  readonly refusal?: string
  /** What the queue_log is called that was looked at; undefined if it is on another machine and was not named. */
  readonly place: string | undefined
  /** Why it cannot be read, and what to do about that if it is known. */
  readonly unreadable?: { readonly reason: string; readonly remedy: string | undefined }
  /** Whether the line came up there; undefined if nobody could look. */
  readonly isInTail: boolean | undefined
  /** Whether Asterisk itself finds it in the table of its realtime queue_log. */
  readonly isInTable: boolean | undefined
}

/** What was learned of a PBX in a session. */
export interface ServerFacts {
  /** `Asterisk Call Manager/11.0.0` */
  readonly banner: string
  readonly version: string | undefined
  /** How the actions that ami-track sends were answered, by their names. */
  readonly answers: ReadonlyMap<string, Answer>
  /** The classes of `read`, as the running Asterisk has them; undefined if it does not say. */
  readonly readClasses: ReadonlySet<string> | undefined
  /** Whether FullyBooted came at the login. */
  readonly isFullyBootedSeen: boolean
  /** What became of a user event of our own; undefined if none could be sent. */
  readonly userEvent: { readonly isSeen: boolean; readonly isStamped: boolean } | undefined
  /** undefined if it cannot be read over the manager. */
  readonly configuration: Configuration | undefined
  /** How far the clock of the PBX is ahead of ours, and how exactly that is known, in ms. */
  readonly clock: { readonly aheadMs: number; readonly uncertaintyMs: number } | undefined
  /** The last sign of life of each other tracker. */
  readonly trackers: readonly Beat[]
  /** How many other sessions the manager user has. */
  readonly otherSessions: number | undefined
  /** undefined if the queues cannot be asked for. */
  readonly members: readonly QueueMember[] | undefined
  /** The interfaces of trunks whose calls come in just now; undefined if channels cannot be asked for. */
  readonly comingIn: readonly string[] | undefined
  /** Whether Asterisk logs members in by their names, as its queue_log shows; undefined if it shows nothing. */
  readonly namesLogged: boolean | undefined
  /** The names of the parking lots; undefined if they cannot be asked for. */
  readonly lots: readonly string[] | undefined
  readonly line: LineFacts
  /** Why the file of `--queuelog` cannot be written. */
  readonly unwritable: string | undefined
  /** Why the session ended before everything was asked. */
  readonly lost: string | undefined
}

/** Why there was no session: how far it came, what happened, and what can be done. */
export interface Refusal {
  readonly stage: 'connection' | 'login'
  readonly finding: string
  readonly remedy: string
}

/** How long another tracker is listened for, in ms: its signs of life come every 400 ms. */
export const LISTEN_MS = 1200
/** How long a line may take from Asterisk's answer to the file, in ms. */
export const LINE_MS = 2000
/** The event of the line that is sent for a test; its queue, agent and callid are NONE, as of Asterisk's CONFIGRELOAD. */
export const TEST_EVENT = 'AMITRACKDOCTOR'

/** How Asterisk reads yes and no. */
export function isTrue(text: string): boolean {
  return /^(yes|true|y|t|1|on)$/i.test(text)
}

/** The file that Asterisk writes, as itself sees it. */
export function fileOf({ logFolder, queueLogName }: Configuration): string {
  return join(logFolder || '/var/log/asterisk', queueLogName || 'queue_log')
}
