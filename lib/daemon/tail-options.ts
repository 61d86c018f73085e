import { FILES } from '../files/uses.ts'
import { file, type OptionKind, type OptionValues, UsageError } from '../options/kinds.ts'
import { isAddress, readTablePlace, type TablePlace } from '../queue-log/table-place.ts'

/** Where the queue_log that Asterisk writes can be read back, and the password of its database. */
export const tailOptions = {
  'queuelog-tail': fileOrTable(),
  'queuelog-tail-secret-file': file(FILES.secret),
}

export type TailValues = OptionValues<typeof tailOptions>

/** The variable that has the password if no file has it: on the command line everyone could read it. */
export const TAIL_SECRET = 'QUEUELOGTAILSECRET'

/** `--queuelog-tail FILE`, or the address of a table; undefined if not given. */
function fileOrTable(): OptionKind<string | TablePlace | undefined> {
  const path = file(FILES.asterisksQueueLog)
  return {
    ...path,
    read: (name, text) => {
      if (!isAddress(text)) return path.read(name, text)
      const place = readTablePlace(text)
      if (typeof place === 'string') throw new UsageError(`--${name} ${place}`)
      return place
    },
  }
}

/** What contradicts itself, in options and settings together. */
export function* tailFaults({
  'queuelog-tail': tail,
  'queuelog-tail-secret-file': secretFile,
}: TailValues): Generator<string> {
  if (secretFile !== undefined && (tail === undefined || typeof tail === 'string')) {
    yield '--queuelog-tail-secret-file has no effect: --queuelog-tail is not a database'
  }
}
