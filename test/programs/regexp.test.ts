import { strict as assert } from 'node:assert'
import { describe } from 'node:test'
import { fixture } from '../support/fixtures.ts'
import { runPipe } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'

const it = sampledIt(3)

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

  it('tells of numbers and contexts whether they are tracked', async () => {
    const numbers = await runPipe([['ami-track', 'regexp', '--outbound-numbers', '!^\\*', '*43', '5550001']])
    assert.deepEqual([numbers.stdout, ...numbers.codes], ['*43\tleft out\n5550001\ttracked\n', 0])
    const contexts = await runPipe([['ami-track', 'regexp', '--outbound-contexts=^from-internal']], {
      input: 'from-internal\nfrom-trunk\n',
    })
    assert.equal(contexts.stdout, 'from-internal\ttracked\nfrom-trunk\tleft out\n')
  })

  it('tells of each outbound call of a dump whether it is tracked, hidden or left out, and by which option', async () => {
    const { amiFile } = fixture('asterisk-22/out_answered_agent_hangs')
    const before = '1795373501.41\tPJSIP/1001-00000025\t95550001\tfrom-internal'
    const verdict = async (...words: string[]): Promise<string> => {
      const { stdout, stderr } = await runPipe([['ami-track', 'regexp', ...words, '--replay', amiFile]])
      assert.equal(stderr, '')
      assert.ok(stdout.startsWith(`${before}\t`), stdout)
      return stdout.slice(`${before}\t`.length)
    }
    assert.equal(await verdict('/trunk-'), 'tracked\tq-acme\n')
    assert.equal(await verdict('/1001-'), 'hidden\t_q-acme\n')
    const given = ['--hidden-channels', '/1001-', '--outbound-channels', '!^PJSIP/trunk']
    assert.equal(await verdict(...given), 'hidden\t_q-acme\n')
    assert.equal(await verdict(...given, '--outbound-numbers', '^5'), 'left out\t--outbound-numbers\n')
    assert.equal(await verdict('--outbound-contexts', '!^from-internal$'), 'left out\t--outbound-contexts\n')
  })

  it('leaves the same calls out of queue_log', async () => {
    const { amiFile } = fixture('asterisk-22/out_answered_agent_hangs')
    const replay = ['ami-track', '--replay', amiFile, '--outboundcalls', '1']
    assert.equal((await runPipe([[...replay, '--outbound-numbers', '^5']])).stdout, '')
    assert.match((await runPipe([[...replay, '--outbound-numbers', '^9']])).stdout, /\|CALLOUTBOUND\|\|95550001\n/)
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
        `${program}: ${where} "a(?=b)" is not a regular expression: invalid or unsupported Perl syntax, at "(?=" (see ${help} --help)\n`,
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
