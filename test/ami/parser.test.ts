import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { UNSTAMPED_EVENTS } from '../../lib/ami/own-events.ts'
import { chunkingsOf, inChunksOf } from '../support/chunkings.ts'
import { type Parsed, parse } from '../support/parsing.ts'

const BANNER = 'Asterisk Call Manager/5.0.4\r\n'

/** Asserts what a stream of bytes parses to, over all chunkings. */
function assertParses(stream: Buffer | string, expected: Partial<Parsed>, options = {}): void {
  const bytes = Buffer.isBuffer(stream) ? stream : Buffer.from(stream, 'utf8')
  for (const { label, chunks } of chunkingsOf(bytes)) {
    const { lines, reports, error } = parse(chunks, options)
    assert.deepEqual(lines, expected.lines ?? [], label)
    assert.deepEqual(reports, expected.reports ?? [], label)
    assert.equal(error, expected.error, label)
  }
}

const stamped = (event: string): string => `Event: ${event}\r\nTimestamp: 1795373360.000000\r\n`
const stampedLine = (event: string, rest = ''): string => `{"Event":"${event}","Timestamp":"1795373360.000000"${rest}}`

describe('the AMI parser', () => {
  it('reads messages behind a banner that is glued to the first', () => {
    assertParses(`${BANNER}Response: Success\r\nMessage: Authentication accepted\r\n\r\n${stamped('Hold')}\r\n`, {
      lines: ['{"Response":"Success","Message":"Authentication accepted"}', stampedLine('Hold')],
    })
  })

  it('reads a stream that begins without a banner, and one with a second banner (two dumps in one)', () => {
    assertParses(`${stamped('Hold')}\r\n${BANNER}${stamped('Unhold')}\r\n`, {
      lines: [stampedLine('Hold'), stampedLine('Unhold')],
    })
  })

  it('says nothing of a banner alone', () => {
    assertParses(BANNER, {})
  })

  it('says nothing of an empty stream, nor of one of line ends', () => {
    assertParses('', {})
    assertParses('\r\n\r\n\r\n', {})
  })

  it('splits at CRLF only: a value may hold a lone LF', () => {
    assertParses(`${stamped('Newexten')}AppData: FOO=l1\nl2: x\n\nl3\r\nUniqueid: 1.2\r\n\r\n`, {
      lines: [stampedLine('Newexten', String.raw`,"AppData":"FOO=l1\nl2: x\n\nl3","Uniqueid":"1.2"`)],
    })
  })

  it('reads a dump that was saved with LF line ends', () => {
    assertParses('Asterisk Call Manager/5.0.4\nEvent: Hold\nTimestamp: 1.0\n\n\nEvent: Unhold\nChannel: a\n\n', {
      lines: ['{"Event":"Hold","Timestamp":"1.0"}', '{"Event":"Unhold","Channel":"a"}'],
    })
  })

  it('splits name from value at the first colon and drops one blank', () => {
    assertParses(`${stamped('X')}A: b: c\r\nB:d\r\nC:  e \r\nD: \r\nE:\r\n(null): f\r\na/b: g\r\n\r\n`, {
      lines: [stampedLine('X', ',"A":"b: c","B":"d","C":" e ","D":"","E":"","(null)":"f","a/b":"g"')],
    })
  })

  it('keeps repeated headers as an array, in their order, at the place of the first', () => {
    assertParses(`${stamped('X')}V: 1\r\nW: -\r\nV: 2\r\nV: \r\n\r\n`, {
      lines: [stampedLine('X', ',"V":["1","2",""],"W":"-"')],
    })
  })

  it('keeps header names as they are spelled, also such that mean something to JavaScript', () => {
    assertParses(`${stamped('X')}__proto__: a\r\nconstructor: b\r\n10: c\r\n9: d\r\ntoString: e\r\n\r\n`, {
      lines: [stampedLine('X', ',"__proto__":"a","constructor":"b","10":"c","9":"d","toString":"e"')],
    })
  })

  it('knows an event by its header in any case', () => {
    const wants = (event: string): boolean => event === 'Hold'
    assertParses(
      'EVENT: Hold\r\ntimestamp: 1.0\r\n\r\nevent:Unhold\r\n\r\nActionID: 7\r\nevent: Hold\r\n\r\n',
      { lines: ['{"EVENT":"Hold","timestamp":"1.0"}', '{"ActionID":"7","event":"Hold"}'] },
      { wants },
    )
  })

  it('decodes each value as UTF-8 if it can be, else as latin-1', () => {
    const bytes = Buffer.concat([
      Buffer.from(`${stamped('X')}A: Zoë\r\nB: `, 'utf8'),
      Buffer.from('Jos\xe9\r\n', 'latin1'),
      Buffer.from('C: 日本\r\nD: \ufffd\r\n\r\n', 'utf8'),
    ])
    assertParses(bytes, { lines: [stampedLine('X', ',"A":"Zoë","B":"José","C":"日本","D":"\ufffd"')] })
  })

  it('reads the output of a command in the form of Asterisk 14 and later', () => {
    assertParses(
      'Response: Success\r\nActionID: 1\r\nMessage: Command output follows\r\nOutput: a\r\nOutput: b: c\r\n\r\n',
      {
        lines: ['{"Response":"Success","ActionID":"1","Message":"Command output follows","Output":["a","b: c"]}'],
      },
    )
  })

  it('reads the output of a command in the form of Asterisk 13, empty lines and all', () => {
    const text = 'Privilege: x\nName: y\n\n\r\n\r\nlast\n'
    assertParses(
      `Response: Follows\r\nPrivilege: Command\r\nActionID: 1\r\n${text}--END COMMAND--\r\n\r\n${stamped('Hold')}\r\n`,
      {
        lines: [
          '{"Response":"Follows","Privilege":"Command","ActionID":"1","Output":["Privilege: x","Name: y","","","","last"]}',
          stampedLine('Hold'),
        ],
      },
    )
  })

  it('tells items of a list from events by nothing it changes: they keep their ActionID', () => {
    assertParses(`Event: ParkedCall\r\nActionID: 4\r\nTimestamp: 1.0\r\n\r\n`, {
      lines: ['{"Event":"ParkedCall","ActionID":"4","Timestamp":"1.0"}'],
    })
  })

  it('passes over extra empty lines between messages', () => {
    assertParses(`${stamped('A')}\r\n\r\n${stamped('B')}\r\n\r\n\r\n\r\n${stamped('C')}\r\n`, {
      lines: [stampedLine('A'), stampedLine('B'), stampedLine('C')],
    })
  })

  it('skips a message beyond the limit, says at which byte it began, and reads on', () => {
    const before = `${BANNER}${stamped('A')}\r\n`
    assertParses(
      `${before}Event: B\r\nData: ${'x'.repeat(300)}\r\n\r\n${stamped('C')}\r\n`,
      {
        lines: [stampedLine('A'), stampedLine('C')],
        reports: [
          { kind: 'oversize', offset: before.length, text: 'a message is longer than 200 bytes and is skipped' },
        ],
      },
      { maxMessageBytes: 200 },
    )
  })

  it('passes on a message of just the limit, and skips one a byte longer', () => {
    const message = `${stamped('A')}X: y`
    const parsed = (maxMessageBytes: number): number =>
      parse([Buffer.from(`${message}\r\n\r\n`)], { maxMessageBytes }).lines.length
    assert.equal(parsed(message.length), 1)
    assert.equal(parsed(message.length - 1), 0)
  })

  it('drops what is left of a message when the stream ends, with a note', () => {
    assertParses(`${stamped('A')}\r\nEvent: B\r\nChan`, {
      lines: [stampedLine('A')],
      reports: [
        {
          kind: 'unfinished',
          offset: stamped('A').length + 2,
          text: 'the stream ends in the middle of a message; its 14 bytes are skipped',
        },
      ],
    })
  })

  it('leaves out the rest of a message with which a stream begins, and lines that are no header', () => {
    assertParses(`rack: 1\r\n\r\n${stamped('A')}nonsense\r\n: nameless\r\n\r\n`, {
      lines: [stampedLine('A')],
      reports: [
        { kind: 'not a message', offset: 0, text: 'a message that is neither Event nor Response is skipped' },
        { kind: 'bad line', offset: 11, text: '2 line(s) of a message have no "Name:" and are skipped' },
      ],
    })
  })

  it('says once that a stream has no timestamps', () => {
    const { lines, reports } = parse([Buffer.from('Event: A\r\n\r\nEvent: B\r\n\r\n')])
    assert.equal(lines.length, 2)
    assert.deepEqual(
      reports.map(({ kind, offset }) => ({ kind, offset })),
      [{ kind: 'no timestamps', offset: 0 }],
    )
  })

  it('does not miss a Timestamp in FullyBooted: Asterisk sends none in it', () => {
    assertParses(`Event: FullyBooted\r\n\r\n${stamped('A')}\r\n`, {
      lines: ['{"Event":"FullyBooted"}', stampedLine('A')],
    })
  })

  it('does not miss a Timestamp in what ami-track itself says of a stream, where that has none', () => {
    for (const event of UNSTAMPED_EVENTS) {
      assertParses(`Event: ${event}\r\n\r\n${stamped('A')}\r\n`, {
        lines: [`{"Event":"${event}"}`, stampedLine('A')],
      })
    }
  })

  it('does not miss a Timestamp in the items of a list: they are no events', () => {
    assertParses(`Event: ParkedCall\r\nActionID: 7\r\n\r\n${stamped('A')}\r\n`, {
      lines: ['{"Event":"ParkedCall","ActionID":"7"}', stampedLine('A')],
    })
  })

  it('tells the line ends by the first line that looks like AMI, whatever stands before it', () => {
    const crLf = `${stamped('A')}V: a\nb\n\nc\r\n\r\n`
    const lines = [stampedLine('A', String.raw`,"V":"a\nb\n\nc"`)]
    assertParses(`\n\n${crLf}`, { lines })
    assertParses(`\r\n\r\n${crLf.replace(/\r\n/g, '\n').replace('V: a\nb\n\nc', 'V: a')}`, {
      lines: [stampedLine('A', ',"V":"a"')],
    })
    const { lines: read } = parse([Buffer.from(`# pbx7\n\n${crLf}`)])
    assert.equal(read.length, 0) // the note and the message are one: no CRLF CRLF parts them
  })

  it('reads the output of a command of Asterisk 13 behind a banner and line ends too many', () => {
    const command = 'Response: Follows\r\nPrivilege: Command\r\na\r\n\r\nb\n--END COMMAND--\r\n\r\n'
    const lines = ['{"Response":"Follows","Privilege":"Command","Output":["a","","b"]}']
    assertParses(`${BANNER}${command}`, { lines })
    assertParses(`${BANNER}Response: Success\r\n\r\n\r\n${command}`, { lines: ['{"Response":"Success"}', ...lines] })
  })

  it('drops a message that another stream interrupts, and reads on behind its banner', () => {
    assertParses(`${stamped('A')}Channel: PJSIP/10${BANNER}Response: Success\r\n\r\n${stamped('B')}\r\n`, {
      lines: ['{"Response":"Success"}', stampedLine('B')],
      reports: [
        {
          kind: 'unfinished',
          offset: 0,
          text: `another stream begins in the middle of a message; its ${stamped('A').length + 17} bytes are skipped`,
        },
      ],
    })
  })

  it('decodes no event that is not wanted', () => {
    const wants = (event: string): boolean => event === 'Hold'
    assertParses(
      `${stamped('VarSet')}bad line\r\n\r\n${stamped('Hold')}\r\n`,
      { lines: [stampedLine('Hold')] },
      { wants },
    )
  })

  it('refuses what is not an AMI stream: a picture, a text, a web page', () => {
    const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffdb0043000302020302020303', 'hex')
    for (const bytes of [
      jpeg,
      Buffer.from('dear reader,\n\nhello\n'),
      Buffer.from('HTTP/1.1 200 OK\r\nA: b\r\n\r\n<p>'),
    ]) {
      for (const { label, chunks } of chunkingsOf(bytes)) {
        const { lines, reports, error } = parse(chunks)
        assert.deepEqual(lines, [], label)
        assert.deepEqual(reports, [], label) // a picture is wrong all over: one error says it
        assert.equal(
          error,
          `this is not an AMI stream: its first ${bytes.length} bytes have no banner, Event or Response`,
        )
      }
    }
  })

  it('gives up on a stream without end that is not an AMI stream', () => {
    const parsed = parse(Array.from({ length: 40 }, () => Buffer.alloc(64 * 1024, 0xff)))
    assert.match(parsed.error ?? '', /^this is not an AMI stream/)
  })

  it('refuses a stream of other messages after as many bytes however it is cut', () => {
    const bytes = Buffer.from(`${'x: y\r\n\r\n'.repeat(140_000)}${stamped('A')}\r\n`)
    const errors = [bytes.length, 65536, 1000].map((size) => parse(inChunksOf(bytes, size)).error)
    assert.match(errors[0] ?? '', /^this is not an AMI stream/)
    assert.deepEqual(errors, [errors[0], errors[0], errors[0]])
  })

  it('refuses AMI 1.x already by a banner alone', () => {
    for (const end of ['\r\n', '\n', '']) {
      assertParses(`Asterisk Call Manager/1.3${end}`, {
        error: 'AMI 1.3 belongs to Asterisk 11 or older; ami-track needs Asterisk 13 or later',
      })
    }
  })

  it('refuses AMI 1.x: that is Asterisk 11 or older', () => {
    assertParses('Asterisk Call Manager/1.3\r\nResponse: Success\r\n\r\n', {
      error: 'AMI 1.3 belongs to Asterisk 11 or older; ami-track needs Asterisk 13 or later',
    })
  })
})
