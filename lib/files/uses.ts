import type { FileUse } from './file-use.ts'
import { dumpBegin, PAGE_BEGIN } from './own-beginnings.ts'

/** A number, and an empty line by which we know our own. */
const PID = /^\d{1,10}\n\n$/

/** Every file that an option or an argument names. */
export const FILES = {
  settings: { what: 'the settings file', way: 'read' },
  settingsFolder: { what: 'the settings folder', way: 'read' },
  shipperSettings: { what: 'the folder with the qlog-ship settings', way: 'read' },
  secret: { what: 'the secret file', way: 'read' },
  token: { what: 'the token file', way: 'read' },
  credentials: { what: 'the credentials file', way: 'read' },
  certificate: { what: 'the certificate file', way: 'read' },
  dump: { what: 'the dump', way: 'stream' },
  asterisksQueueLog: { what: 'the queue_log of Asterisk', way: 'look up' },
  /** Read as records, also from a pipe. */
  readQueueLog: { what: 'the queue_log', way: 'stream' },
  /** Followed: it may not have begun yet. */
  followedQueueLog: { what: 'the queue_log', way: 'look up' },
  shownQueueLog: { what: 'the queue_log', way: 'read' },
  queueLog: { what: 'the queue_log file', way: 'append' },
  log: { what: 'the log', way: 'append', inService: 'set LOGFILE=/var/log/ami-track/ami-track.log' },
  debug: {
    what: 'the debug file',
    way: 'begin',
    ownBeginning: beginsWith(dumpBegin('debugfile')),
    inService: 'set DEBUGFILE=/var/log/ami-track/events.log',
  },
  pid: { what: 'the pid file', way: 'lock', ownBeginning: PID },
  control: { what: 'the control socket', way: 'listen', inService: 'set CONTROL=/run/ami-track/ami-track.sock' },
  /** Of a daemon that is asked. */
  controlOfDaemon: { what: 'the control socket', way: 'connect' },
  /** In the state folder. */
  lock: { what: 'the lock', way: 'lock', ownBeginning: PID },
  state: { what: 'the state folder', way: 'folder', ownBeginning: /^[0-9a-f]{8} ami-track journal / },
  page: { what: 'the page', way: 'overwrite', ownBeginning: beginsWith(PAGE_BEGIN) },
  anonymized: { what: 'the anonymized dump', way: 'overwrite', ownBeginning: beginsWith(dumpBegin('anonymize')) },
} as const satisfies Record<string, FileUse>

function beginsWith(beginning: string): RegExp {
  return new RegExp(`^${beginning.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`)
}
