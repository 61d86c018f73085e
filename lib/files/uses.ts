import type { FileUse } from './file-use.ts'
import { dumpBegin, PAGE_BEGIN } from './own-beginnings.ts'

/** Every file that an option or an argument names. */
export const FILES = {
  settings: { what: 'the settings file', way: 'read' },
  secret: { what: 'the secret file', way: 'read' },
  certificate: { what: 'the file of certificates', way: 'read' },
  dump: { what: 'the dump', way: 'stream' },
  asterisksQueueLog: { what: 'the queue_log of Asterisk', way: 'look up' },
  shownQueueLog: { what: 'the queue_log', way: 'read' },
  queueLog: { what: 'the queue_log file', way: 'append' },
  log: { what: 'the log', way: 'append' },
  debug: { what: 'the debug file', way: 'begin', ownBeginning: beginsWith(dumpBegin('debugfile')) },
  pid: { what: 'the pid file', way: 'lock', ownBeginning: /^\d{1,10}\n\n$/ },
  state: { what: 'the state folder', way: 'folder' },
  page: { what: 'the page', way: 'overwrite', ownBeginning: beginsWith(PAGE_BEGIN) },
  anonymized: { what: 'the anonymized dump', way: 'overwrite', ownBeginning: beginsWith(dumpBegin('anonymize')) },
} as const satisfies Record<string, FileUse>

function beginsWith(beginning: string): RegExp {
  return new RegExp(`^${beginning.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`)
}
