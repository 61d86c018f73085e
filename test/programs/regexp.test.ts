import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { fixture } from '../support/fixtures.ts'
import { runPipe } from '../support/programs.ts'

const RE = '(?i)^sip/|^zap/'

describe('ami-track regexp', () => {
  it('tells of each channel whether it would be hidden, and on which queue', async () => {
    const { stdout, stderr, codes } = await runPipe([['ami-track', 'regexp', RE, 'SIP/1-01', 'PJSIP/1-01', 'zap/3']])
    assert.equal(stdout, 'SIP/1-01\thidden\t_q-outbound\nPJSIP/1-01\tshown\tq-outbound\nzap/3\thidden\t_q-outbound\n')
    assert.deepEqual([stderr, ...codes], ['', 0])
  })

  it('takes the channels from the lines of stdin', async () => {
    const { stdout, codes } = await runPipe([['ami-track', 'regexp', RE]], { input: 'SIP/1\n\nIAX2/2' })
    assert.equal(stdout, 'SIP/1\thidden\t_q-outbound\nIAX2/2\tshown\tq-outbound\n')
    assert.deepEqual(codes, [0])
  })

  it('takes every channel of a dump', async () => {
    const { amiFile } = fixture('asterisk-22/out_answered_agent_hangs')
    const { stdout } = await runPipe([['ami-track', 'regexp', '/trunk-', '--replay', amiFile]])
    assert.equal(stdout, 'PJSIP/1001-00000025\tshown\tq-outbound\nPJSIP/trunk-00000026\thidden\t_q-outbound\n')
  })

  it('shows where an expression cannot be understood, as the option does', async () => {
    for (const [command, where, help] of [
      [['ami-track', 'regexp', 'a(?=b)'], 'regexp', 'ami-track regexp'],
      [['ami-track', '--replay', '-', '--hidden-channels', 'a(?=b)'], '--hidden-channels', 'ami-track'],
      [['track-outbound', '--hidden-channels', 'a(?=b)'], '--hidden-channels', 'track-outbound'],
    ] as const) {
      const { stdout, stderr, codes } = await runPipe([command])
      const program = command[0]
      assert.equal(
        stderr,
        `${program}: ${where} "a(?=b)" is no regular expression: invalid or unsupported Perl syntax, at "(?=" (see ${help} --help)\n`,
      )
      assert.deepEqual([stdout, ...codes], ['', 2])
    }
    const none = await runPipe([['ami-track', 'regexp']])
    assert.deepEqual(none.codes, [2])
  })

  it('hides the outbound calls of those channels, whatever the expression', async () => {
    const { amiFile } = fixture('asterisk-22/out_answered_agent_hangs')
    const replay = ['ami-track', '--replay', amiFile, '--outboundcalls', '1', '--hidden-channels']
    assert.match((await runPipe([[...replay, '1001']])).stdout, /\|_q-acme\|/)
    assert.match((await runPipe([[...replay, '(x+x+)+y']])).stdout, /\|q-acme\|/)
  })
})
