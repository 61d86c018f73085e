import { createHash } from 'node:crypto'
import type { StreamPlace } from './place.ts'

/** The headers of a message: of which PBX its lines are, in which file they stand, and where there. */
export const HEADERS = {
  pbx: 'Queue-Log-Pbx',
  file: 'Queue-Log-File',
  part: 'Queue-Log-Part',
  byte: 'Queue-Log-Byte',
  end: 'Queue-Log-End',
} as const

/** The subject of the lines of a PBX: what a subject cannot hold becomes `_`. */
export function subjectOf({ subject }: StreamPlace, pbx: string): string {
  return `${subject}.${pbx.replace(/[^\w-]/g, '_')}`
}

/** What the durable consumer of a shipper is called: the same whenever it is started anew. */
export function linesNameOf({ stream, subject }: StreamPlace, to: string): string {
  return `ami-track-${createHash('sha256').update(`${stream} ${subject} ${to}`).digest('hex').slice(0, 16)}`
}
