import { FILES } from '../files/uses.ts'
import { file, listenAddress, onOff } from '../option-kinds.ts'
import { connectOptions, logOptions } from './connect-options.ts'
import { strictOption } from './program.ts'
import { queueLogOption } from './queue-log-output.ts'
import { trackerOptions } from './tracker-options.ts'

/** The options of `ami-track`, live or of a replay. */
export const trackOptions = {
  replay: file(FILES.dump),
  settings: file(FILES.settings),
  ...connectOptions,
  ...logOptions,
  debugfile: file(FILES.debug),
  pid: file(FILES.pid),
  state: file(FILES.state),
  standby: onOff(true),
  metrics: listenAddress(),
  'queuelog-tail': file(FILES.asterisksQueueLog),
  noeventblacklisting: onOff(false),
  ...queueLogOption,
  ...strictOption,
  ...trackerOptions,
}
