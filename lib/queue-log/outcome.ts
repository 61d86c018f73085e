import type { QueueLogRecord } from './record.ts'

/**
 * What became of a line: it was written, Asterisk refused it, the connection was lost before Asterisk answered whether it
 * wrote it, another tracker writes it, or its call was over before it could be written.
 */
export type LineOutcome = 'written' | 'refused' | 'unanswered' | 'theirs' | 'late'

/** Told of what became of a line, once that is known. */
export type OnSettled = (record: QueueLogRecord, outcome: LineOutcome) => void
