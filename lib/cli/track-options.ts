import { connectOptions, logOptions } from '../daemon/connect-options.ts'
import { liveDoorOptions } from '../daemon/live-door-options.ts'
import { tailOptions } from '../daemon/tail-options.ts'
import { FILES } from '../files/uses.ts'
import { file, listenAddress, onOff } from '../options/kinds.ts'
import { memberOptions } from './fleet-options.ts'
import { strictOption } from './program.ts'
import { queueLogOption } from './queue-log-output.ts'
import { replayOptions } from './replay.ts'
import { trackerOptions } from './tracker-options.ts'

/** What only a program does that stays connected. */
export const daemonOptions = {
  debugfile: file(FILES.debug),
  pid: file(FILES.pid),
  state: file(FILES.state),
  standby: onOff(true),
  metrics: listenAddress(),
  control: { ...file(FILES.control), shown: 'PATH' },
  ...liveDoorOptions,
  watch: onOff(false),
  ...memberOptions,
  ...tailOptions,
}

export const onlyInReplay = { ...replayOptions, ...strictOption }

/** The options of the daemon. */
export const liveOptions = {
  settings: file(FILES.settings),
  ...connectOptions,
  ...logOptions,
  ...daemonOptions,
  noeventblacklisting: onOff(false),
  ...queueLogOption,
  ...trackerOptions,
}

/** The options of `ami-track`, live or of a replay. */
export const trackOptions = { ...liveOptions, ...onlyInReplay }
