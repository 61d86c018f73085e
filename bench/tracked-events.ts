import { dump } from './generate.ts'
import { sharedTemplates } from './shared-templates.ts'

/** An event of the recordings, ready to be stamped anew. */
export interface Stampable {
  before: string
  behind: string
}

/**
 * What Asterisk would send a user with the classes that the daemon asks for.
 *
 * @param bytes of the dump they are of
 */
export function trackedEvents(bytes = 40e6): Stampable[] {
  const whole = [...dump({ templates: sharedTemplates(), bytes, lanes: 50, seed: 1 })].join('')
  const messages = whole
    .split('\r\n\r\n')
    .filter((message) => /^Privilege: (system|call|agent),/m.test(message) && message.includes('Timestamp: '))
  return messages.map((message) => {
    const stampAt = message.indexOf('Timestamp: ') + 'Timestamp: '.length
    const behind = message.slice(message.indexOf('\r\n', stampAt))
    return { before: message.slice(0, stampAt), behind: `${behind}\r\n\r\n` }
  })
}

export function stamped({ before, behind }: Stampable, ms: number): string {
  return `${before}${(ms / 1000).toFixed(6)}${behind}`
}
