import { strict as assert } from 'node:assert'
import { linkSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { beforeEach, describe } from 'node:test'
import { folderOfEachTest } from '../support/each-test.ts'
import { fixture, goldenOf } from '../support/fixtures.ts'
import { runPipe } from '../support/programs.ts'
import { sampledIt } from '../support/sample.ts'

const it = sampledIt(3)

const hold = fixture('asterisk-22/queue_hold')
const recording = readFileSync(hold.amiFile)
const file = folderOfEachTest('same-file')

let dump = ''
beforeEach(() => {
  dump = file('dump.ami')
  writeFileSync(dump, recording)
  symlinkSync('dump.ami', file('link.ami'))
  linkSync(dump, file('other-name.ami'))
})

/** Runs a command line in the folder, in which D is the dump. */
async function typed(line: string): Promise<{ stderr: string; code: number | undefined }> {
  const [program = '', ...words] = line.split(' ')
  const { stderr, codes } = await runPipe([
    ['env', '-C', dirname(dump), 'bash', '-c', `AMISECRET=s ${binOf(program)} ${words.join(' ')}`],
  ])
  return { stderr, code: codes[0] }
}

function binOf(program: string): string {
  return `"${new URL('../../../bin/', import.meta.url).pathname}${program}"`
}

describe('an output that is the input', () => {
  for (const line of [
    'ami-track --replay dump.ami --queuelog dump.ami',
    'ami-track --replay dump.ami --queuelog link.ami',
    'ami-track --replay dump.ami --queuelog other-name.ami',
    'ami-track --replay link.ami --queuelog ./dump.ami',
    'ami-track --replay - --queuelog dump.ami < dump.ami',
    'ami-track --replay /dev/stdin --queuelog dump.ami < dump.ami',
    'ami-track --replay dump.ami >> dump.ami',
    'ami-track --replay dump.ami --queuelog /dev/stdout >> dump.ami',
    'ami-track --replay dump.ami > /dev/null 2>> dump.ami',
    'ami-track explain dump.ami --html dump.ami',
    'ami-track explain dump.ami --html link.ami',
    'ami-track explain dump.ami --anonymize other-name.ami',
    'ami-track explain - --anonymize dump.ami < dump.ami',
    'ami-track explain dump.ami >> dump.ami',
    'ami-track regexp SIP --replay dump.ami >> dump.ami',
    'ami-parse < dump.ami >> dump.ami',
    'track-moh < dump.ami >> dump.ami',
    'qlog-write --queuelog dump.ami < dump.ami',
  ]) {
    it(`is refused, and nothing is lost: ${line}`, async () => {
      const { stderr, code } = await typed(line)
      assert.ok(readFileSync(dump).equals(recording) || line.includes('2>>'), 'the dump was changed')
      assert.ok(readFileSync(dump).subarray(0, recording.length).equals(recording))
      if (!line.includes('2>>')) assert.match(stderr, /^\S+: (the page|the anonymized dump|.* same file)/)
      assert.ok(code === 2 || code === 3, `${code}: ${stderr}`)
    })
  }
})

describe('two outputs that are one file', () => {
  const live = 'ami-track --login a --port 1'
  for (const [line, names] of [
    [`${live} --logfile x --debugfile x`, '--logfile and --debugfile'],
    [`${live} --logfile x --debugfile ./x`, '--logfile and --debugfile'],
    [`${live} --logfile x.old --debugfile x`, '--logfile and --debugfile'],
    [`${live} --logfile x --queuelog x`, '--logfile and --queuelog'],
    [`${live} --pid x --queuelog x`, '--queuelog and --pid'],
    [`${live} --state . --logfile journal`, '--logfile and --state'],
    [`${live} --state . --pid lock`, '--pid and --state'],
    [`${live} --debugfile x --queuelog-tail x`, '--debugfile and --queuelog-tail'],
  ] as const) {
    it(`are refused: ${line}`, async () => {
      const { stderr, code } = await typed(line)
      assert.equal(code, 2, stderr)
      const [one, other] = names.split(' and ')
      assert.ok(
        (stderr.includes(one ?? '') && stderr.includes(`${other} are the same file`)) ||
          stderr.includes(`${one} are the same file`),
        stderr,
      )
    })
  }

  it('are no fault where both only append: stderr and the log', async () => {
    const { code } = await typed(`ami-track --replay dump.ami --queuelog lines > lines 2>&1`)
    assert.equal(code, 0)
    assert.equal(readFileSync(file('lines'), 'utf8'), goldenOf(hold))
  })
})
