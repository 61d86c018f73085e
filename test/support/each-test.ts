import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'node:test'
import type { LiveProgram } from './live-program.ts'

/** A folder of its own for each test of a file: what a file in it is called as a whole. */
export function folderOfEachTest(name: string): (file: string) => string {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), `ami-track-${name}-`))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  return (file) => join(folder, file)
}

/** The programs of a test end with it, before what they use: takes each that is started. */
export function programsOfEachTest(): (program: LiveProgram) => LiveProgram {
  const running: LiveProgram[] = []
  afterEach(async () => {
    for (const program of running.splice(0)) {
      program.signal('SIGKILL')
      await program.ended
    }
  })
  return (program) => {
    running.push(program)
    return program
  }
}
