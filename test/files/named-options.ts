import { doctorOptions } from '../../lib/cli/doctor.ts'
import { explainOptions } from '../../lib/cli/explain.ts'
import { fleetCommandOptions } from '../../lib/cli/fleet.ts'
import { statusOptions, topOptions } from '../../lib/cli/look.ts'
import { strictOption } from '../../lib/cli/program.ts'
import { qlogReadOptions } from '../../lib/cli/qlog-read.ts'
import { qlogWriteOptions } from '../../lib/cli/qlog-write-options.ts'
import { regexpOptions } from '../../lib/cli/regexp.ts'
import { shipOptions } from '../../lib/cli/ship-options.ts'
import { tapOptions } from '../../lib/cli/tap.ts'
import { trackOptions } from '../../lib/cli/track-options.ts'
import { trackerOptions } from '../../lib/cli/tracker-options.ts'
import { validateOptions } from '../../lib/cli/validate.ts'
import { amiConnectOptions } from '../../lib/daemon/connect-options.ts'
import type { FileUse } from '../../lib/files/file-use.ts'
import type { OptionKinds } from '../../lib/options/kinds.ts'

/** The options of each command, as the programs have them. */
export const TABLES: Readonly<Record<string, OptionKinds>> = {
  'ami-connect': amiConnectOptions,
  'ami-filter': {},
  'ami-parse': strictOption,
  'ami-track': trackOptions,
  'ami-track doctor': doctorOptions,
  'ami-track explain': explainOptions,
  'ami-track fleet': fleetCommandOptions,
  'ami-track regexp': regexpOptions,
  'ami-track settings': {},
  'ami-track status': statusOptions,
  'ami-track tap': tapOptions,
  'ami-track top': topOptions,
  'ami-track validate': validateOptions,
  'qlog-read': qlogReadOptions,
  'qlog-ship': shipOptions,
  'qlog-write': qlogWriteOptions,
  'track-hotdesking': trackerOptions,
  'track-moh': trackerOptions,
  'track-outbound': trackerOptions,
  'track-parked': trackerOptions,
}

/** An option of a command that names a file. */
export interface FileOption {
  command: string
  name: string
  use: FileUse
}

/** Every option that names a file. */
export const FILE_OPTIONS: readonly FileOption[] = Object.entries(TABLES).flatMap(([command, table]) =>
  Object.entries(table).flatMap(([name, { file }]) => (file === undefined ? [] : [{ command, name, use: file }])),
)
