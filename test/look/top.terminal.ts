import { strict as assert } from 'node:assert'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, before, beforeEach, describe, it } from 'node:test'
import { installTools } from '../lab/debian.ts'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { heldCall, heldCallEnds } from '../support/held-call.ts'
import { LiveProgram } from '../support/live-program.ts'
import { root } from '../support/package.ts'
import { ESCAPE } from '../support/screen.ts'
import { Tmux } from './tmux.ts'

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
