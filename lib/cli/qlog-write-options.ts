import { connectOptions, logOptions } from '../daemon/connect-options.ts'
import { strictOption } from './program.ts'
import { queueLogOption } from './queue-log-output.ts'

/** What only counts where the lines go through Asterisk. */
export const throughAsterisk = { ...connectOptions, ...logOptions }

/** The options of `qlog-write`. */
export const qlogWriteOptions = { ...queueLogOption, ...strictOption, ...throughAsterisk }
