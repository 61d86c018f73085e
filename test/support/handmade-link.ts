import type { ActionHeaders } from '../../lib/ami/action.ts'
import type { BeatLink } from '../../lib/election/heartbeat.ts'

/** A connection that a test makes, breaks, and over which it says what Asterisk would. */
export class HandmadeLink implements BeatLink {
  serverStartedAt: number | undefined
  /** Those that were sent, as Asterisk sends them to all. */
  readonly beats: string[] = []
  up = (): void => {}
  down = (): void => {}
  hear: (message: string, serverMs: number) => boolean = () => false

  onUp(listener: () => void): void {
    this.up = listener
  }

  onDown(listener: () => void): void {
    this.down = listener
  }

  onUserEvent(listener: (message: string, serverMs: number) => boolean): void {
    this.hear = listener
  }

  request(name: string, headers: ActionHeaders): Promise<never> {
    const lines = headers.map(([header, value]) => `${header}: ${value}`)
    if (name === 'UserEvent') this.beats.push(['Event: UserEvent', 'Privilege: user,all', ...lines].join('\r\n'))
    return new Promise(() => {})
  }
}
