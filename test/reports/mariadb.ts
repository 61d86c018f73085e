import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const run = promisify(execFile)
const DATABASE = 'reports'

/** A MariaDB of this machine's packages, in a folder of its own, that only this process can reach. */
export class Mariadb {
  private readonly folder: string
  private readonly server: ChildProcess

  private constructor(folder: string, server: ChildProcess) {
    this.folder = folder
    this.server = server
  }

  /** @throws Error with what the server said, if it does not start */
  static async start(): Promise<Mariadb> {
    const folder = mkdtempSync(join(tmpdir(), 'ami-track-mariadb-'))
    const data = join(folder, 'data')
    const user = `--user=${userInfo().username}`
    const install = ['--no-defaults', `--datadir=${data}`, user, '--skip-test-db']
    await run('mariadb-install-db', [...install, '--auth-root-authentication-method=normal'])
    const server = spawn(
      'mariadbd',
      [
        '--no-defaults',
        `--datadir=${data}`,
        user,
        `--socket=${socketIn(folder)}`,
        `--pid-file=${join(folder, 'pid')}`,
        '--skip-networking',
        '--skip-log-bin',
        '--default-time-zone=+00:00',
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    )
    const said: string[] = []
    let isReady = false
    for await (const line of createInterface({ input: server.stderr as NodeJS.ReadableStream })) {
      said.push(line)
      isReady = /ready for connections/.test(line)
      if (isReady) break
    }
    if (!isReady) throw new Error(`MariaDB does not start: ${said.join('\n')}`)
    server.stderr?.resume()
    const mariadb = new Mariadb(folder, server)
    await mariadb.query(`CREATE DATABASE ${DATABASE} CHARACTER SET utf8mb4`, 'mysql')
    return mariadb
  }

  /**
   * Runs statements.
   *
   * @returns the rows of all of them, each in its columns
   * @throws Error with what the server says of the statement that fails
   */
  async query(sql: string, database = DATABASE): Promise<string[][]> {
    const client = spawn(
      'mariadb',
      ['--no-defaults', `--socket=${socketIn(this.folder)}`, '--user=root', '--batch', '--skip-column-names', database],
      { stdio: ['pipe', 'pipe', 'pipe'] },
    )
    const texts = { out: '', error: '' }
    client.stdout.setEncoding('utf8').on('data', (text: string) => {
      texts.out += text
    })
    client.stderr.setEncoding('utf8').on('data', (text: string) => {
      texts.error += text
    })
    client.stdin.on('error', () => {}) // It ends at the statement that fails.
    client.stdin.end(sql)
    const [code] = await once(client, 'close')
    if (code !== 0) throw new Error(texts.error)
    return texts.out === ''
      ? []
      : texts.out
          .trimEnd()
          .split('\n')
          .map((line) => line.split('\t'))
  }

  async stop(): Promise<void> {
    const ended = once(this.server, 'exit')
    this.server.kill('SIGTERM')
    await ended
    rmSync(this.folder, { recursive: true })
  }
}

function socketIn(folder: string): string {
  return join(folder, 'socket')
}
