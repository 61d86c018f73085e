import { spawnSync } from 'node:child_process'
import { mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { root } from './package.ts'

/** Why there can be no faults here; false if there can. */
export const noFaults: string | false = spawnSync('gcc', ['--version']).error === undefined ? false : 'gcc is missing'

/** Makes faults of one file in programs that are started: what can happen is told in test/edges/file-faults.c. */
export class FileFaults {
  private readonly library: string
  private readonly folder: string

  private constructor(library: string, folder: string) {
    this.library = library
    this.folder = folder
  }

  /** Compiles the library. It is removed when the tests of the file are over. */
  static make(): FileFaults {
    const folder = mkdtempSync(join(realpathSync(tmpdir()), 'ami-track-faults-'))
    after(() => rmSync(folder, { recursive: true }))
    const library = join(folder, 'file-faults.so')
    const source = join(root, 'test/edges/file-faults.c')
    const { status, stderr } = spawnSync('gcc', ['-shared', '-fPIC', '-O1', '-Wall', '-o', library, source, '-ldl'])
    if (status !== 0) throw new Error(`gcc: ${stderr}`)
    return new FileFaults(library, folder)
  }

  /** What a program gets into its environment, so that a file is at fault as is {@link order}ed. */
  environmentFor(path: string): Record<string, string> {
    this.order('')
    return { LD_PRELOAD: this.library, FAULTS_OF: path, FAULTS_FROM: this.orders }
  }

  /** From now on; '' for none. */
  order(fault: string): void {
    writeFileSync(`${this.orders}.new`, fault)
    renameSync(`${this.orders}.new`, this.orders)
  }

  private get orders(): string {
    return join(this.folder, 'orders')
  }
}
