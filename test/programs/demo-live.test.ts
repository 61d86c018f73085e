import { strict as assert } from 'node:assert'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { folderOfEachTest, programsOfEachTest } from '../support/each-test.ts'
import { LiveProgram } from '../support/live-program.ts'
import { root } from '../support/package.ts'

const file = folderOfEachTest('demo-live')
const keep = programsOfEachTest()
const start = (program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): LiveProgram =>
  keep(new LiveProgram(spawn(program, args, { env: { ...process.env, ...env }, stdio: 'pipe', detached: true }), true))

describe('make demo-live with a control socket', () => {
  it('plays the call again and again, is looked at meanwhile, and ends well at ^C', async () => {
    const control = file('demo.sock')
    const demo = start(process.execPath, [join(root, 'dist/demo/demo-live.js')], { CONTROL: control })
    await demo.untilStdout(/queue_log .*CALLERONHOLD/)
    const look = start(join(root, 'bin/ami-track'), ['status', '--control', control])
    assert.equal(await look.ended, 0, look.stderr)
    // On a busy machine the call may be over by now.
    assert.match(look.stdout, /^lines today .*CALLERONHOLD/m)
    await demo.untilStdout(/COMPLETEAGENT[\s\S]*queue_log .*CALLERONHOLD/)
    demo.signal('SIGINT')
    assert.equal(await demo.ended, 0, demo.stderr)
    assert.match(demo.stdout, /the daemon ended with exit code 0\n$/)
    assert.equal(demo.stderr, '')
  })

  it('ends with the daemon, if that cannot have the socket', async () => {
    const demo = start(process.execPath, [join(root, 'dist/demo/demo-live.js')], { CONTROL: '/dev/null' })
    assert.equal(await demo.ended, 1)
    assert.match(demo.stderr, /\/dev\/null/)
    assert.match(demo.stdout, /the daemon ended with exit code 3\n$/)
  })
})
