import { strict as assert } from 'node:assert'
import { openSync, symlinkSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { describe, it } from 'node:test'
import { FileProblem, type FileProblemOptions } from '../../lib/files/file-problem.ts'
import { folderOfEachTest } from '../support/each-test.ts'

const file = folderOfEachTest('file-problem')
const user = userInfo().username
const service = { INVOCATION_ID: '8f1c' }

/** What Node says when the kernel refuses to open a file. */
function refusal(code: string, errno: number, path: string): Error {
  return Object.assign(new Error(`${code}: refused, open '${path}'`), { code, errno, syscall: 'open', path })
}

/** The problem of a file that cannot be opened for appending. */
function problemOf(path: string, options: FileProblemOptions = { environment: {} }): FileProblem {
  try {
    openSync(path, 'a')
  } catch (error) {
    return new FileProblem(error, path, 'the log', options)
  }
  throw new Error(`${path} can be opened`)
}

describe('the problem of a file', () => {
  it('says what the file is, where it is and why it cannot be opened', () => {
    writeFileSync(file('notes'), '')
    symlinkSync(file('loop'), file('loop'))
    const told = [file('none/log'), file('.'), file('notes/log'), file('loop')].map((path) => problemOf(path).message)
    assert.deepEqual(told, [
      `the log ${file('none/log')} cannot be opened: there is no such file or folder (ENOENT)`,
      `the log ${file('.')} cannot be opened: it is a folder (EISDIR)`,
      `the log ${file('notes/log')} cannot be opened: a part of the path is not a folder (ENOTDIR)`,
      `the log ${file('loop')} cannot be opened: its symbolic links form a circle (ELOOP)`,
    ])
  })

  it('tells who has to be permitted', () => {
    const { message } = new FileProblem(refusal('EACCES', -13, '/x/log'), '/x/log', 'the log', { environment: {} })
    assert.equal(
      message,
      `the log /x/log cannot be opened: permission denied (EACCES). Let the user ${user} write there`,
    )
  })

  for (const [code, errno, reason] of [
    ['EROFS', -30, 'the file system is read-only (EROFS)'],
    ['EACCES', -13, 'permission denied (EACCES)'],
    ['EPERM', -1, 'permission denied (EPERM)'],
  ] as const) {
    it(`tells a service that gets ${code} how to change its unit, and what else it can do`, () => {
      const { message } = new FileProblem(refusal(code, errno, '/srv/log/x'), '/srv/log/x', 'the log', {
        environment: service,
        inService: 'set LOGFILE=/var/log/ami-track/ami-track.log',
      })
      assert.equal(
        message,
        `the log /srv/log/x cannot be opened: ${reason}. Set LOGFILE=/var/log/ami-track/ami-track.log, or run ` +
          '"systemctl edit ami-track", add the lines [Service] and ReadWritePaths=/srv/log, and let the user ' +
          `${user} write there`,
      )
    })
  }

  it('does not send a service to its unit for a folder that this cannot give back', () => {
    const path = '/home/admin/log'
    const { message } = new FileProblem(refusal('EACCES', -13, path), path, 'the log', { environment: service })
    assert.match(message, /\(EACCES\)\. Choose another folder: the service cannot see the home folders of users$/)
  })

  it('is permanent unless it may pass by itself', () => {
    assert.equal(problemOf(file('none/log')).isPermanent, true)
    const isPermanent = (code: string, errno: number): boolean =>
      new FileProblem(refusal(code, errno, 'x'), 'x', 'the log').isPermanent
    assert.deepEqual(
      [isPermanent('EROFS', -30), isPermanent('ENOSPC', -28), isPermanent('EMFILE', -24)],
      [true, false, false],
    )
  })

  it('keeps the words of the system for what is rare', () => {
    const { message } = new FileProblem(refusal('ENOSPC', -28, 'x'), 'x', 'the log', { cannotBe: 'written' })
    assert.equal(message, 'the log x cannot be written: no space left on device (ENOSPC)')
  })
})
