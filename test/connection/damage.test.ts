import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { AmiFramer } from '../../lib/ami/framer.ts'
import { MAX_MESSAGE_BYTES } from '../../lib/ami/parser.ts'
import { isDamaged } from '../../lib/connection/damage.ts'
import { amiEvent, amiMessage } from '../support/fake-asterisk.ts'
import { allFixtures } from '../support/fixtures.ts'

const isDamagedText = (text: string): boolean => isDamaged(Buffer.from(text, 'latin1'), 0, text.length)

const WHOLE = amiEvent('Unhold', { Uniqueid: '1.3' }, 1_800_000_000_000)

/** The damaged messages of a stream. */
function damagedIn(stream: Buffer): string[] {
  const found: string[] = []
  const framer = new AmiFramer(
    { maxMessageBytes: MAX_MESSAGE_BYTES },
    (bytes, start, end) => {
      // A dump has its banner before the first message, and some messages are followed by an empty line too many.
      const text = bytes.toString('latin1', start, end).replace(/^(?:\r\n)*(?:Asterisk Call Manager.*\r\n)?/, '')
      if (text !== '' && isDamagedText(text)) found.push(text)
    },
    () => found.push('oversize'),
  )
  // The first whole message shows how lines end.
  framer.feed(Buffer.concat([WHOLE, stream]))
  return found
}

describe('a message of which a part is missing', () => {
  it('is none of those that real servers have sent', () => {
    const fixtures = allFixtures().filter(({ name }) => !/cut|appended|damaged/.test(name))
    const found = fixtures.flatMap(({ amiFile, name }) =>
      damagedIn(readFileSync(amiFile)).map((text) => `${name}: ${text}`),
    )
    assert.deepEqual(found, [])
    assert.ok(fixtures.length > 50)
  })

  it('is found wherever it was cut, if another event follows', () => {
    const first = amiEvent('Hold', { Channel: 'PJSIP/1001-00000001', Uniqueid: '1.1' }, 1_800_000_000_000)
    const second = amiEvent('Hangup', { Channel: 'PJSIP/1002-00000002', Uniqueid: '1.2' }, 1_800_000_000_000)
    // Of a cut behind the last line end, an empty line follows: then nothing is missing.
    for (let cut = 1; cut <= first.length - 2; cut++) {
      const stream = Buffer.concat([first.subarray(0, cut), second])
      assert.equal(damagedIn(stream).length, 1, `${cut}: ${stream}`)
    }
  })

  it('is found where a response was cut, too', () => {
    const response = amiMessage([
      ['Response', 'Success'],
      ['ActionID', 'ami-track-1'],
      ['Ping', 'Pong'],
    ])
    const event = amiEvent('Hangup', { Uniqueid: '1.2' }, 1_800_000_000_000)
    for (let cut = 1; cut <= response.length - 2; cut++) {
      assert.equal(damagedIn(Buffer.concat([response.subarray(0, cut), event])).length, 1, String(cut))
    }
  })

  it('is no message that the dialplan has given line ends, nor the output of a command', () => {
    assert.ok(!isDamagedText('Event: VarSet\r\nPrivilege: dialplan,all\r\nValue: a\r\nb'))
    assert.ok(!isDamagedText('Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: x\r\nb'))
    assert.ok(!isDamagedText('Response: Follows\r\nPrivilege: Command\r\nno header\r\n--END COMMAND--'))
    assert.ok(isDamagedText('Event: Hangup\r\nPrivilege: call,all\r\nUniq'))
  })
})
