import { tellOnStderr } from '../text/bottom-row.ts'
import type { Log } from '../text/log.ts'

/**
 * What is worth knowing, on stderr.
 *
 * @param prefix of each line: `ami-track: `
 * @param tellsMore whether also what is going on is told, and not only what is wrong
 */
export function stderrLog(prefix: string, tellsMore = false): Log {
  const tellAs =
    (level: 'info' | 'warn' | 'error') =>
    (text: string): void =>
      tellOnStderr(`${prefix}${text}`, level)
  return { debug: () => {}, info: tellsMore ? tellAs('info') : () => {}, warn: tellAs('warn'), error: tellAs('error') }
}
