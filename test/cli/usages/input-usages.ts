import { FIRST, SECOND } from './files.ts'
import { failure, fine, hopeless, misuse, type Usages } from './usage.ts'

const LAST_TWO = FIRST.split('\n').slice(2).join('\n')
const FIRST_TWO = FIRST.split('\n').slice(0, 2).join('\n').concat('\n')

/** What programs are given to read. */
export const inputUsages: readonly Usages[] = [
  {
    show: 'a file that cannot be read is named in a sentence',
    usages: [
      hopeless(
        'ami-track --replay none.ami',
        /^the dump none\.ami cannot be read: there is no such file or folder \(ENOENT\)$/m,
      ),
      hopeless('ami-track --replay .', /^the dump \. cannot be read: it is a folder$/m),
      hopeless(
        'ami-track --replay dump.ami/x',
        /^the dump dump\.ami\/x cannot be read: a part of the path is not a folder/m,
      ),
      hopeless('ami-track explain none.ami', /^the dump none\.ami cannot be read: there is no such file/m),
      hopeless('ami-track regexp RE --replay none.ami', /^the dump none\.ami cannot be read: there is no such file/m),
      hopeless(
        'ami-track explain dump.ami --queuelog none',
        /^the queue_log none cannot be read: there is no such file/m,
      ),
      failure('ami-parse < .', /^stdin is a directory$/m),
      misuse('ami-track --replay - --replay -', /stdin \(-\) can be read only once/),
    ],
  },
  {
    show: 'a dump without an event is told, with exit code 1',
    usages: [
      failure('ami-track --replay empty', /^empty: it contains no event; a dump is what ami-connect writes/),
      failure('ami-track --replay /dev/null', /^\/dev\/null: it contains no event/),
      failure('ami-track --replay - < empty', /^stdin: it contains no event/),
      failure('ami-track --replay empty.gz', /^empty\.gz: it contains no event/),
      failure('ami-track --replay blank', /^blank: it contains no event/),
      failure('ami-track --replay banner', /^banner: it contains no event/),
      failure('ami-track --replay answer', /^answer: it contains no event/),
      failure('ami-track explain empty', /^empty: it contains no event/),
      failure('ami-track regexp RE --replay empty', /^empty: it contains no event/),
      failure('ami-track explain empty --anonymize -', /^empty: it contains no event/),
      failure('ami-parse < empty', /^stdin: it contains no event/),
      fine('ami-parse < answer', /^\{"Response":"Success"/),
      fine('track-moh < empty', ''),
    ],
  },
  {
    show: 'a dump that gzip has packed is read, whatever its name',
    usages: [
      fine('ami-track --replay dump.ami.gz', FIRST),
      fine('ami-track --replay packed', FIRST),
      fine('ami-track --replay - < dump.ami.gz', FIRST),
      fine('cat dump.ami.gz | ami-track --replay -', FIRST),
      fine('ami-track --replay two.gz', FIRST + SECOND),
      fine('ami-track --replay padded.gz', FIRST),
      fine('ami-parse < dump.ami.gz | track-moh | qlog-write', FIRST),
      fine('qlog-write < records.ndjson.gz', ''),
      fine('ami-track explain dump.ami.gz', /CALLERONHOLD/),
      fine("ami-track regexp '^PJSIP/1001' --replay out.ami.gz", /PJSIP\/1001-\w+\t\w+\t\S+\thidden\t_q-/),
      failure('ami-track --replay short.gz', /^short\.gz: its gzip data are incomplete: the end is missing/, FIRST),
      failure('ami-parse < short.gz | wc -l', /^stdin: its gzip data are incomplete/, /^\s*\d+\n$/),
      failure(
        'ami-track --replay damaged.gz',
        /^damaged\.gz: its gzip data are damaged \(incorrect data check\)/m,
        /^/,
      ),
      failure('ami-track --replay tail.gz', /^tail\.gz: its gzip data are damaged \(incorrect header check\)/m, /^/),
      failure('ami-track --replay twice.gz', /gzip data; first unpack it: zcat twice\.gz$/m),
    ],
  },
  {
    show: 'what is no dump is told by what it is, and who reads it',
    usages: [
      failure(
        'ami-track --replay records.ndjson',
        /^records\.ndjson: this is not an AMI stream: it contains records, .* track-moh < records\.ndjson \| qlog-write$/m,
      ),
      failure("ami-track explain 'more records.ndjson'", /track-moh < 'more records\.ndjson' \| qlog-write$/m),
      failure(
        'ami-parse < records.ndjson',
        /^this is not an AMI stream: it contains records, .* track-moh < FILE \| qlog-write$/m,
      ),
      failure('ami-track --replay array.json', /it contains a JSON array; .*jq -c '\.\[\]' array\.json$/m),
      failure('ami-track --replay other.ndjson', /it contains lines of JSON that are not records of ami-parse/),
      failure('ami-track --replay track.log', /it contains the log of ami-track; a dump is what --debugfile writes$/m),
      failure(
        'ami-track --replay queue_log',
        /it contains a queue_log; .* ami-track explain DUMP --queuelog queue_log$/m,
      ),
      failure('ami-track --replay full', /it contains a log of Asterisk; a dump is what ami-connect writes/),
      failure('ami-track --replay messages', /it contains a log of Asterisk;/),
      failure('ami-track --replay login.txt', /it contains the requests of a client; a dump is what Asterisk answers/),
      failure('ami-track --replay settings', /it contains settings; use --settings settings$/m),
      failure(
        'ami-track --replay session.pcap',
        /it contains a network capture \(pcap\); .*tcpflow -r session\.pcap src port 5038$/m,
      ),
      failure('ami-track --replay session.pcapng', /it contains a network capture \(pcap\);/),
      failure('ami-track --replay page.html', /it contains a page \(HTML\);/),
      failure('ami-track --replay page.xml', /it contains an XML document;/),
      failure('ami-track explain photo.png', /it contains a picture \(PNG\);/),
      failure('ami-track --replay dump.tar', /it contains a tar archive; .*tar -xf dump\.tar$/m),
      failure('ami-track --replay dump.xz', /it contains xz data; first unpack it: xzcat dump\.xz$/m),
      failure('ami-track --replay utf16.ami', /it contains text in UTF-16, .*iconv -f UTF-16LE -t UTF-8 utf16\.ami$/m),
      failure('ami-track --replay utf16be.ami', /iconv -f UTF-16BE -t UTF-8 utf16be\.ami$/m),
      failure(
        'ami-track --replay notes.txt',
        /^notes\.txt: this is not an AMI stream: its first 24 bytes have no banner, Event or Response/,
      ),
      { typed: 'ami-track --replay old.ami', code: 3, told: /^old\.ami: AMI 1\.3 belongs to Asterisk 11 or older/ },
    ],
  },
  {
    show: 'a filter that is given a raw AMI stream says that ami-parse is missing, and passes nothing',
    usages: [
      failure(
        'track-moh < dump.ami',
        /it contains a raw AMI stream; put ami-parse before it: ami-parse < FILE \| track-moh$/m,
      ),
      failure('track-outbound < dump.ami', /ami-parse < FILE \| track-outbound$/m),
      failure('ami-filter < dump.ami', /ami-parse < FILE \| ami-filter$/m),
      failure('qlog-write < dump.ami', /ami-parse < FILE \| qlog-write$/m),
      failure('track-parked < dump.ami.gz', /ami-parse < FILE \| track-parked$/m),
      failure('track-hotdesking < crcrlf.ami', /put ami-parse before it/),
      failure('track-moh < banner', /put ami-parse before it/),
      failure('track-moh < queue_log', /this is not a stream of records: it contains a queue_log/),
      failure('qlog-write < session.pcapng', /this is not a stream of records: it contains a network capture/),
      fine('track-moh < notes.txt', 'call back Jane\nbuy milk\n'),
      fine('track-moh < other.ndjson', '{"id":1}\n'),
      fine('cat records.ndjson queue_log | track-moh | cmp - <(cat records.ndjson queue_log)', ''),
    ],
  },
  {
    show: 'lines may end in other ways, but nothing is dropped without a word',
    usages: [
      fine('ami-track --replay lf.ami', FIRST),
      fine(
        'ami-track --replay crcrlf.ami',
        FIRST,
        /^crcrlf\.ami: its lines end with CR CR LF, as some Windows tools write them/,
      ),
      fine('ami-parse < crcrlf.ami | cmp - <(ami-parse < dump.ami)', '', /^stdin: its lines end with CR CR LF/),
      fine('ami-track --replay bom.ami', FIRST),
      failure(
        'ami-track --replay cr.ami',
        /^cr\.ami: its lines end with CR alone; convert it first: tr '\\r' '\\n' < cr\.ami$/m,
      ),
      failure('ami-track --replay - < cr.ami', /^stdin: its lines end with CR alone; .* < FILE$/m),
      failure('ami-track --replay crcrlf.ami --strict', /its lines end with CR CR LF/),
    ],
  },
  {
    show: 'several dumps are one stream, as cat makes it',
    usages: [
      fine('ami-track --replay dump.ami --replay later.ami', FIRST + SECOND),
      fine('ami-track --replay dump.ami.gz --replay=later.ami', FIRST + SECOND),
      fine('ami-track --replay dump.ami --replay - < later.ami', FIRST + SECOND),
      fine(
        'ami-track --replay cut.ami --replay later.ami',
        FIRST + SECOND,
        /^cut\.ami, byte \d+: another stream begins in the middle of a message/,
      ),
      fine(
        'cat cut.ami later.ami | ami-track --replay - | cmp - <(ami-track --replay cut.ami --replay later.ami 2>/dev/null)',
        '',
        /another stream begins/,
      ),
      fine('ami-track explain dump.ami later.ami | grep -c ^Call', '2\n'),
      fine('ami-track regexp . --replay dump.ami --replay out.ami | cut -f5', 'hidden\n'),
      failure('ami-track --replay dump.ami --replay empty', /^empty: it contains no event/, FIRST),
      hopeless('ami-track --replay dump.ami --replay none', /^the dump none cannot be read: there is no such file/m),
      failure(
        'ami-track --replay dump.ami --replay queue_log',
        /^queue_log: this is not an AMI stream: it contains a queue_log/,
        FIRST,
      ),
      failure(
        'ami-track --replay dump.ami --replay lf.ami',
        /^lf\.ami: its lines end with LF, but the lines of the previous dump end with CR LF/,
        FIRST,
      ),
      failure(
        'ami-track --replay later.ami --replay cut.ami --strict',
        /^cut\.ami, byte \d+: the stream ends in the middle of a message/,
        /^/,
      ),
    ],
  },
  {
    show: 'a replay gives the lines of a period, and explain its calls',
    usages: [
      fine('ami-track --replay dump.ami --since 1795373366', LAST_TWO),
      fine('ami-track --replay dump.ami --until 1795373366', FIRST_TWO),
      fine('ami-track --replay dump.ami --since 2026-11-22T18:49:26Z', LAST_TWO),
      fine('ami-track --replay dump.ami --since 2026-11-22T19:49:26+01:00', LAST_TWO),
      fine("TZ=UTC ami-track --replay dump.ami --since '2026-11-22 18:49:26'", LAST_TWO),
      fine('TZ=Asia/Tokyo ami-track --replay dump.ami --since 2026-11-23T03:49:26', LAST_TWO),
      fine('TZ=UTC ami-track --replay dump.ami --since 2026-11-22 --until 2026-11-23', FIRST),
      fine('ami-track --replay dump.ami --since 1795373366.5 --until 1795373367', ''),
      failure(
        'ami-track --replay dump.ami --since 2026-11-23T00:00Z',
        /no event between --since and --until: it begins at 2026-11-22T18:49:20/,
      ),
      misuse(
        'ami-track --replay dump.ami --since yesterday',
        /--since takes a time such as 2026-11-22T18:49:20, .*, not "yesterday"/,
      ),
      misuse('ami-track --replay dump.ami --since 2026-02-30', /--since takes a time such as .*, not "2026-02-30"/),
      misuse('ami-track --replay dump.ami --until 1795373366000', /1795373360, in seconds, not "1795373366000"/),
      misuse('ami-track --replay dump.ami --since 9 --until 5', /--until must be later than --since/),
      fine('ami-track explain dump.ami later.ami --since 1795373390 | grep ^Call', /^Call 1795373401\.12 .*\n$/),
      fine('ami-track explain dump.ami later.ami --until 1795373390 | grep ^Call', /^Call 1795373360\.2 .*\n$/),
      failure('ami-track explain dump.ami --since 1795373390', /no call in this dump matches/),
    ],
  },
]
