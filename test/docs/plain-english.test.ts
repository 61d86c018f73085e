import { strict as assert } from 'node:assert'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { root } from '../support/package.ts'

/** What makes a reader stop whose English is basic. */
interface Hard {
  phrase: RegExp
  /** What to write in its place. */
  plain: string
  /** A sentence of ours, as it was before. */
  was: string
}

const hard: readonly Hard[] = [
  {
    phrase: /\b(is|are) told\b/i,
    plain: 'the log says, the page shows',
    was: 'Where the lines go is told in connect.md.',
  },
  { phrase: /\btells? (of|how|what|which|why|whether|where)\b/i, plain: 'says, shows', was: 'The log tells of them.' },
  { phrase: /\black(s|ing)?\b/i, plain: 'is missing, does not have', was: 'a privilege lacks for what is asked' },
  { phrase: /\bno more\b(?! than)/i, plain: 'no longer, not any more', was: 'the PBX is followed no more' },
  {
    phrase: /\bas far as\b/i,
    plain: 'if, up to the point where',
    was: 'what they do, as far as a tracker has to know',
  },
  { phrase: /\bwhoever\b/i, plain: 'everyone who, a person who', was: 'it refuses whoever comes second' },
  { phrase: /\bwhichever\b/i, plain: 'any', was: 'was answered, by whichever phone' },
  { phrase: /\bbut for\b/i, plain: 'except, without', was: 'what is read from it, but for the secrets' },
  { phrase: /\banew\b/i, plain: 'again', was: 'SIGHUP opens all files anew' },
  { phrase: /\bfor ever\b/i, plain: 'forever', was: 'It is made again, for ever.' },
  { phrase: /\bsome \d/i, plain: 'about 60', was: 'the number of series is fixed, some 60' },
  { phrase: /\bso many\b/i, plain: 'this many, or the number', was: 'to which it cannot write for so many ms' },
  { phrase: /\bgo(es|ing)? on\b/i, plain: 'continue', was: 'the daemon goes on with the calls' },
  { phrase: /\b(taken|takes?) up\b/i, plain: 'apply', was: 'Files that change are taken up at SIGHUP.' },
  { phrase: /\b(is|are) taken for\b/i, plain: 'counts as', was: 'a connected call is taken for over' },
  {
    phrase: /(^|[.:;|-] )Of (an?|each|many|more|one|such|the|these|what)\b/,
    plain: 'the subject first',
    was: 'Of many PBXs there is a row.',
  },
  {
    phrase: /(^|[.:;|-] )Who (can|cannot|connects|does|has|is|may|picks|reads)\b[^?]*$/,
    plain: 'a person who, a client that',
    was: 'Who does not read is cut off.',
  },
  { phrase: /\b(at|by) which\b/i, plain: 'where, with this', was: 'a socket at which somebody answers' },
  { phrase: /\bone (likes|may|can|dials)\b/i, plain: 'you', was: 'as often as one likes' },
  { phrase: /\bof (her|his|its|our|their|your) own\b/i, plain: 'its own socket', was: 'a user of its own' },
  {
    phrase: /(?<!\b[Tt]here )\b(is|are) none\b(?! of)/,
    plain: 'is not a hold, has no effect',
    was: 'a hold of a phone is none',
  },
  { phrase: /\bdoes not go with\b/i, plain: 'cannot be used with', was: 'It does not go with --html.' },
  { phrase: /\bis as if\b/i, plain: 'has no effect, is the same as', was: '`KEY=` is as if it were not there.' },
  { phrase: /\bnow and then\b/i, plain: 'sometimes', was: 'A call has two end rows now and then.' },
  { phrase: /\bcan not\b/i, plain: 'cannot', was: 'where they can not be had' },
  {
    phrase: /\bstands? (above|at|behind|beside|in|there|under)\b/i,
    plain: 'is in, is under',
    was: 'A line that waited stands under it.',
  },
  { phrase: /\bblanks?\b/i, plain: 'space', was: 'No blanks beside the commas.' },
  { phrase: /\bsa(id|ys?) (them )?back\b/i, plain: 'repeats', was: 'even if the server says them back' },
  { phrase: /\bin good order\b/i, plain: 'normally', was: 'If it was stopped in good order, the log says so.' },
  { phrase: /\bin the place of\b/i, plain: 'instead of, for', was: 'talks in the place of its member' },
  { phrase: /\bis to be\b/i, plain: 'must be', was: 'the file is to be moved' },
]

const pages = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
  ...readdirSync(join(root, 'help')).map((name) => `help/${name}`),
]

/**
 * The paragraphs, items and rows of a page, each on one line, without what a program says and what is typed. A help text is
 * read as a whole.
 */
function passagesOf(page: string): string[] {
  const text = readFileSync(join(root, page), 'utf8')
  const prose = page.endsWith('.md') ? text.replace(/^ {4,}.*$/gm, '').replace(/`[^`\n]*`/g, '`…`') : text
  return prose.split(/\n(?=\s*(?:[|#-]|\d+\. |\n))/).map((passage) => passage.trim().replace(/\s+/g, ' '))
}

const around = (passage: string, phrase: RegExp): string => {
  const at = passage.search(phrase)
  return passage.slice(Math.max(0, at - 50), at + 60)
}

describe('the English of the pages', () => {
  for (const page of pages) {
    it(`is plain in ${page}`, () => {
      const found = passagesOf(page).flatMap((passage) =>
        hard
          .filter(({ phrase }) => phrase.test(passage))
          .map(({ phrase, plain }) => `in …${around(passage, phrase)}… write: ${plain}`),
      )
      assert.equal(found.length, 0, `${page} has words that a reader stops at:\n${found.join('\n')}`)
    })
  }

  it('is not plain where a phrase is used that was', () => {
    for (const { phrase, was } of hard) assert.match(was, phrase)
  })
})
