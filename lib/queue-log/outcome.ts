import type { QueueLogRecord } from './record.ts'

/**
 * What became of a line: it was written, Asterisk refused it, the connection was lost before Asterisk answered whether it
 * wrote it, or another tracker writes it.
 */
export type LineOutcome = 'written' | 'refused' | 'unanswered' | 'theirs'

/** Told of what became of a line, once that is known. */
export type OnSettled = (record: QueueLogRecord, outcome: LineOutcome) => void
