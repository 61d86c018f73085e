import { connectOptions, logOptions } from './connect-options.ts'
import { strictOption } from './program.ts'
import { queueLogOption } from './queue-log-output.ts'

/** The options of `qlog-write`, which writes itself or through Asterisk. */
export const qlogWriteOptions = { ...queueLogOption, ...strictOption, ...connectOptions, ...logOptions }
