import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { fixture, goldenOf } from '../../support/fixtures.ts'

const first = fixture('asterisk-22/queue_hold')
const second = fixture('asterisk-22/queue_local_agent_hold')

/** The lines of dump.ami. */
export const FIRST = goldenOf(first, 'track-moh')
/** The lines of later.ami. */
export const SECOND = goldenOf(second, 'track-moh')

const RECORD = '{"Event":"Newchannel","Privilege":"call,all","Channel":"SIP/1"}\n'
const EVENT = 'Event: Hold\r\n\r\n'

/** Puts all files that usages name into a folder. */
export function writeFiles(folder: string): void {
  const dump = readFileSync(first.amiFile)
  const later = readFileSync(second.amiFile)
  const out = readFileSync(fixture('asterisk-22/out_answered_agent_hangs').amiFile)
  const text = dump.toString('latin1')
  const withLineEnd = (lineEnd: string): Buffer => Buffer.from(text.replaceAll('\r\n', lineEnd), 'latin1')
  const packed = gzipSync(dump)
  const files: Record<string, string | Buffer> = {
    'dump.ami': dump,
    'later.ami': later,
    'cut.ami': dump.subarray(0, dump.lastIndexOf('Event: Hangup') + 80),
    'dump.ami.gz': packed,
    'out.ami': out,
    'out.ami.gz': gzipSync(out),
    packed,
    'two.gz': Buffer.concat([packed, gzipSync(later)]),
    'twice.gz': gzipSync(packed),
    'short.gz': packed.subarray(0, packed.length - 5),
    'damaged.gz': Buffer.concat([packed.subarray(0, -8), Buffer.alloc(8, 1)]),
    'padded.gz': Buffer.concat([packed, Buffer.alloc(40_000)]),
    'tail.gz': Buffer.concat([packed, Buffer.from(EVENT)]),
    'lf.ami': withLineEnd('\n'),
    'cr.ami': withLineEnd('\r'),
    'crcrlf.ami': withLineEnd('\r\r\n'),
    'bom.ami': Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), dump]),
    'utf16.ami': Buffer.from(`\uFEFF${text}`, 'utf16le'),
    'utf16be.ami': Buffer.from(text.slice(0, 500), 'utf16le').swap16(),
    'records.ndjson': RECORD,
    'more records.ndjson': RECORD,
    'records.ndjson.gz': gzipSync(RECORD),
    'array.json': `[${RECORD.trim()}]\n`,
    'other.ndjson': '{"id":1}\n',
    'track.log': '{"level":"info","time":"2026-11-22T18:49:20.148Z","name":"ami-track","msg":"connected"}\n',
    queue_log: '1795373360|1795373360.2|support|NONE|ENTERQUEUE||5551000|1\n',
    full: '[2026-11-22 18:49:20] VERBOSE[123][C-00000001] pbx.c: Executing [1001@phones:1]\n',
    messages: '[Nov 22 18:49:20] NOTICE[123] chan_sip.c: Peer is now Reachable\n',
    'login.txt': 'Action: Login\r\nUsername: tracker\r\nSecret: tr4ck\r\n\r\n',
    'session.pcap': Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex'),
    'session.pcapng': Buffer.from('0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000', 'hex'),
    'page.html': '<!doctype html><title>Calls</title>\n',
    'page.xml': '<?xml version="1.0"?><ajax-response/>\n',
    'photo.png': Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'),
    'dump.tar': Buffer.concat([Buffer.alloc(257, 'dump.ami\0'), Buffer.from('ustar\0'), Buffer.alloc(249)]),
    'dump.xz': Buffer.from('fd377a585a000004e6d6b4460200210116000000', 'hex'),
    empty: '',
    'empty.gz': gzipSync(''),
    blank: '\r\n\r\n\n',
    banner: 'Asterisk Call Manager/11.0.0\r\n',
    answer: 'Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nMessage: Authentication accepted\r\n\r\n',
    'old.ami': 'Asterisk Call Manager/1.3\r\nResponse: Success\r\n\r\n',
    'notes.txt': 'call back Jane\nbuy milk\n',
    settings: 'AMIUSER=tracker\nAMIPORT=5038\nQUEUELOG=unwanted\nPIDFILE=unwanted\nLOGFILE=unwanted\nSTATE=unwanted\n',
    'odd-settings': 'ENABLEMHO=1\nAMIHOSTS=pbx\nFOO=1\n',
    'bad-port': 'AMIUSER=tracker\nAMIPORT=70000\n',
    'bad-live': 'AMIUSER=tracker\nAMISECRET=x\nLIVE=0.0.0.0:9465\n',
    'short-token': 'tr4ck\n',
    'guarded-page': 'AMIUSER=tracker\nAMISECRET=x\nLIVE=127.0.0.1:0\nLIVETOKENFILE=short-token\n',
    'bad-host': 'AMIHOST=pbx:5038\n',
  }
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
}
