import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A terminal that is looked at again after so long, in ms: nothing tells of what a program draws. */
const LOOK_MS = 100
const PATIENCE_MS = 20_000

/** A real terminal, of tmux, with a shell in it. */
export class Tmux {
  private static count = 0
  private readonly socket: string
  private readonly config: string

  constructor(folder: string, columns: number, rows: number, env: Record<string, string> = {}) {
    this.socket = join(folder, `tmux-${++Tmux.count}`)
    this.config = `${this.socket}.conf`
    // A row of its own would be missing at the bottom.
    writeFileSync(this.config, 'set -g status off\n')
    const variables = Object.entries({ PS1: 'ready$ ', ...env }).flatMap(([name, value]) => ['-e', `${name}=${value}`])
    const size = ['-x', String(columns), '-y', String(rows)]
    this.tmux(
      'new-session',
      '-d',
      ...size,
      ...variables,
      `${'NO_COLOR' in env ? '' : 'env -u NO_COLOR '}bash --norc --noprofile`,
    )
  }

  type(...keys: string[]): void {
    this.tmux('send-keys', ...keys)
  }

  resize(columns: number, rows: number): void {
    this.tmux('resize-window', '-x', String(columns), '-y', String(rows))
  }

  /** What is on the screen, with the colours if they are asked for. */
  screen(hasColours = false): string[] {
    return this.tmux('capture-pane', '-p', ...(hasColours ? ['-e'] : [])).split('\n')
  }

  async until(isSo: (screen: string) => boolean): Promise<string[]> {
    const end = performance.now() + PATIENCE_MS
    for (;;) {
      const screen = this.screen()
      if (isSo(screen.join('\n'))) return screen
      if (performance.now() > end) throw new Error(`not so on this screen:\n${screen.join('\n')}`)
      await sleep(LOOK_MS)
    }
  }

  close(): void {
    this.tmux('kill-server')
  }

  private tmux(...args: string[]): string {
    return execFileSync('tmux', ['-S', this.socket, '-f', this.config, ...args], { encoding: 'utf8' })
  }
}
