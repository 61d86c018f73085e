import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { installTools } from '../lab/debian.ts'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { heldCall, heldCallEnds } from '../support/held-call.ts'
import { LiveProgram } from '../support/live-program.ts'
import { root } from '../support/package.ts'
import { ESCAPE } from '../support/screen.ts'

/** A terminal that is looked at again after so long, in ms: nothing tells of what a program draws. */
const LOOK_MS = 100
const PATIENCE_MS = 20_000

/** A real terminal, of tmux, with a shell in it. */
class Tmux {
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

const keep = programsOfEachTest()
const file = folderOfEachTest('top')
let server: FakeAsterisk
let folder = ''
const terminals: Tmux[] = []

before(async () => {
  await installTools({ tmux: 'tmux' })
  folder = mkdtempSync(join(tmpdir(), 'ami-track-tmux-'))
})
after(() => rmSync(folder, { recursive: true }))
beforeEach(async () => {
  server = await FakeAsterisk.start()
})
afterEach(async () => {
  for (const terminal of terminals.splice(0)) terminal.close()
  await server.stop()
})

async function startDaemon(): Promise<LiveProgram> {
  const daemon = keep(LiveProgram.start(server, ['ami-track', '--control', file('control')]))
  await server.session()
  return daemon
}

/** A terminal in which top was typed. */
function top(columns: number, rows: number, env: Record<string, string> = {}): Tmux {
  const terminal = new Tmux(folder, columns, rows, env)
  terminals.push(terminal)
  terminal.type('echo before', 'Enter')
  terminal.type(`${join(root, 'bin/ami-track')} top --control ${file('control')}; echo ended with $?`, 'Enter')
  return terminal
}

describe('top in a terminal', () => {
  for (const [columns, rows] of [
    [80, 24],
    [200, 50],
  ] as const) {
    it(`of ${columns}×${rows} fills it, shows calls as they change, and leaves what was there before`, async () => {
      await startDaemon()
      const terminal = top(columns, rows)
      await terminal.until((screen) => screen.includes('no call is open'))
      for (const n of [1, 2, 3]) server.send(heldCall(n))
      const screen = await terminal.until((text) => (text.match(/^on hold /gm) ?? []).length === 3)
      assert.match(screen[0] ?? '', /ami-track \S+ {2}127\.0\.0\.1:\d+ {2}active/)
      assert.match(screen[1] ?? '', /^3 open calls: 3 on hold/)
      assert.match(screen[rows - 1] ?? '', /^q ends/)
      assert.ok(screen.every((row) => row.length <= columns))
      server.send(heldCallEnds(2))
      await terminal.until((text) => (text.match(/^on hold /gm) ?? []).length === 2)
      terminal.type('/queue-3')
      await terminal.until((text) => (text.match(/^on hold /gm) ?? []).length === 1 && /^filter: queue-3_/m.test(text))
      terminal.type('Escape')
      await terminal.until((text) => (text.match(/^on hold /gm) ?? []).length === 2)
      terminal.type('q')
      const left = (await terminal.until((text) => text.includes('ended with 0'))).filter((row) => row !== '')
      assert.match(left.join('\n'), /^(?:ready\$ )?.*echo before[\s\S]*\nbefore\n.*top[\s\S]*\nended with 0\n/)
      assert.doesNotMatch(left.join('\n'), /open call|STATE/)
      // What is typed is seen again, and the cursor as well.
      terminal.type('echo again', 'Enter')
      await terminal.until((text) => /^again$/m.test(text))
    })
  }

  it('that is made smaller and larger is filled anew', async () => {
    await startDaemon()
    const terminal = top(80, 24)
    for (const n of [1, 2, 3]) server.send(heldCall(n))
    await terminal.until((text) => (text.match(/^on hold /gm) ?? []).length === 3)
    for (const [columns, rows] of [
      [60, 12],
      [120, 40],
      [80, 24],
    ] as const) {
      terminal.resize(columns, rows)
      const screen = await terminal.until((text) => {
        const lines = text.split('\n')
        return /^q ends/.test(lines[rows - 1] ?? '') && (text.match(/^on hold /gm) ?? []).length === 3
      })
      assert.equal(screen.filter((row) => /^STATE /.test(row)).length, 1)
    }
  })

  it('waits for a daemon that is killed and started again, and says so meanwhile', async () => {
    const daemon = await startDaemon()
    const terminal = top(80, 24)
    await terminal.until((screen) => screen.includes('no call is open'))
    daemon.signal('SIGKILL')
    await daemon.ended
    await terminal.until((screen) => /^! /m.test(screen))
    await startDaemon()
    server.send(heldCall(1))
    await terminal.until((text) => /^on hold /m.test(text) && !/^! /m.test(text))
  })

  it('has colours there, and none where they are not wanted; the states are words in both', async () => {
    await startDaemon()
    const [coloured, plain] = [top(80, 24), top(80, 24, { NO_COLOR: '1' })]
    server.send(heldCall(1))
    for (const terminal of [coloured, plain]) await terminal.until((text) => /^on hold /m.test(text))
    const held = (terminal: Tmux): string => terminal.screen(true).find((row) => /on hold +0:/.test(row)) ?? ''
    assert.ok(held(coloured).includes(`${ESCAPE}[33m`))
    assert.doesNotMatch(plain.screen(true).join('\n'), new RegExp(`${ESCAPE}\\[`))
  })

  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    it(`is given back after ${signal}`, async () => {
      await startDaemon()
      const terminal = top(80, 24)
      await terminal.until((screen) => screen.includes('no call is open'))
      execFileSync('bash', ['-c', `pkill -${signal.slice(3)} -f "[a]mi-track.* top --control ${file('control')}"`])
      const screen = await terminal.until((text) => text.includes('ended with'))
      assert.match(screen.join('\n'), /before/)
    })
  }
})
