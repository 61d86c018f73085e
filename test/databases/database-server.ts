import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { endOf } from '../support/programs.ts'

export type DatabaseKind = 'mysql' | 'postgres'
export const DATABASE_KINDS: readonly DatabaseKind[] = ['mysql', 'postgres']

/** How the server of a kind is called, for the names of tests. */
export const NAMES: Readonly<Record<DatabaseKind, string>> = { mysql: 'MariaDB', postgres: 'PostgreSQL' }

/** The user that the tests read with, and its password. */
export const READER = { name: 'reader', password: 'r3ad!t' }

/** The user that fills tables, and its password. */
export const SHIPPER = { name: 'shipper', password: 'sh!p1t' }

const OWNER = 'owner'
const DATABASE = 'asterisk'

/** A real server of a test: with files of its own, on a free port of the loopback and on a socket. */
export class DatabaseServer {
  readonly kind: DatabaseKind
  readonly port: number
  private readonly folder: string
  private readonly again: () => ChildProcess
  private process: ChildProcess

  private constructor(
    kind: DatabaseKind,
    folder: string,
    port: number,
    { process, run }: { process: ChildProcess; run: () => ChildProcess },
  ) {
    this.kind = kind
    this.folder = folder
    this.port = port
    this.process = process
    this.again = run
  }

  /** @param tls with which key and certificate it encrypts, in PEM */
  static async start(kind: DatabaseKind, tls?: { key: string; cert: string }): Promise<DatabaseServer> {
    // In /tmp: the path of a socket may be no longer than 107 bytes.
    const folder = mkdtempSync('/tmp/ami-track-db-')
    const as = userOf(folder)
    const files =
      tls === undefined ? [] : [writeAs(as, join(folder, 'key'), tls.key), writeAs(as, join(folder, 'cert'), tls.cert)]
    const data = join(folder, 'data')
    // A MariaDB that starts removes the temporary tables of the others that share its folder for them, and they end.
    const env = { ...process.env, TMPDIR: folder }
    makeData[kind](data, { ...as, env })
    for (let tries = 1; ; tries++) {
      const port = await freePort()
      const [command, args] = { mysql: mariadb, postgres }[kind](folder, data, port, files)
      const run = (): ChildProcess =>
        spawn(command, args, { ...as, env, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
      const server = run()
      try {
        await untilReady(server)
      } catch (error) {
        // Another program may have taken the port since it was seen to be free.
        if (tries < 3 && /already in use/i.test((error as Error).message)) continue
        throw error
      }
      const started = new DatabaseServer(kind, folder, port, { process: server, run })
      await started.setUp()
      return started
    }
  }

  /** The address of a table, for `--queuelog-tail`. */
  address(
    table = 'queue_log',
    { user = READER.name, database = DATABASE, more = '', host = '127.0.0.1' } = {},
  ): string {
    const names = [user, database, table].map(encodeURIComponent)
    return `${this.kind}://${names[0]}@${host}:${this.port}/${names[1]}/${names[2]}${more}`
  }

  /** The socket of the server. */
  get socket(): string {
    return this.kind === 'mysql' ? join(this.folder, 'socket') : join(this.folder, `.s.PGSQL.${this.port}`)
  }

  /** Does something as the owner of all, in a session of its own. */
  async run(
    ...statements: readonly (string | readonly [sql: string, values: readonly unknown[]])[]
  ): Promise<unknown[][]> {
    const session = await this.session()
    try {
      let rows: unknown[][] = []
      for (const statement of statements) {
        const [sql, values] = typeof statement === 'string' ? [statement, []] : statement
        rows = await session.run(sql, values)
      }
      return rows
    } finally {
      await session.end()
    }
  }

  /** A session of the owner, as those of Asterisk's drivers: values are put in where `?` stands. */
  async session(): Promise<{
    run: (sql: string, values?: readonly unknown[]) => Promise<unknown[][]>
    end: () => Promise<void>
  }> {
    if (this.kind === 'mysql') {
      const connection = await mysql.createConnection({
        socketPath: this.socket,
        user: 'root',
        database: DATABASE,
        rowsAsArray: true,
        multipleStatements: true,
        dateStrings: true,
      })
      return {
        run: async (sql, values = []) => {
          const [rows] = await connection.query(sql, [...values])
          return Array.isArray(rows) ? (rows as unknown[][]) : []
        },
        end: () => connection.end(),
      }
    }
    const client = new pg.Client({ host: this.folder, port: this.port, user: OWNER, database: DATABASE })
    await client.connect()
    return {
      run: async (sql, values = []) => {
        let n = 0
        const text = sql.replace(/\?/g, () => `$${++n}`)
        return (await client.query({ text, values: [...values], rowMode: 'array' })).rows
      },
      end: () => client.end(),
    }
  }

  /** Stops it for a while: it takes connections, and says nothing. */
  freeze(): void {
    for (const pid of this.pids()) process.kill(pid, 'SIGSTOP')
  }

  thaw(): void {
    for (const pid of this.pids()) process.kill(pid, 'SIGCONT')
  }

  /** Ends it at once, in the middle of whatever it does. */
  async kill(): Promise<void> {
    const ended = endOf(this.process)
    // PostgreSQL's own way to end as in a crash: killed, its children may outlive it for a while.
    this.process.kill(this.kind === 'mysql' ? 'SIGKILL' : 'SIGQUIT')
    await ended
  }

  /** Starts it again with the same data, on the same port. */
  async restart(): Promise<void> {
    this.process = this.again()
    await untilReady(this.process)
  }

  async stop(): Promise<void> {
    await this.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }

  private pids(): number[] {
    const { pid = 0 } = this.process
    const children = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' }).stdout
    return [pid, ...children.split('\n').filter(Boolean).map(Number)]
  }

  private async setUp(): Promise<void> {
    const { name, password } = READER
    if (this.kind === 'mysql') {
      const root = await mysql.createConnection({ socketPath: this.socket, user: 'root' })
      await root.query(`CREATE DATABASE ${DATABASE}`)
      await root.query(`CREATE USER '${name}'@'%' IDENTIFIED BY '${password}'`)
      await root.query(`GRANT SELECT ON ${DATABASE}.* TO '${name}'@'%'`)
      await root.query(`CREATE USER 'nobody'@'%'`)
      await root.query(`GRANT USAGE ON *.* TO 'nobody'@'%'`)
      await root.query(`CREATE USER 'limited'@'%' IDENTIFIED BY '${password}'`)
      await root.query(`CREATE TABLE ${DATABASE}.other (id INT)`)
      await root.query(`GRANT SELECT ON ${DATABASE}.other TO 'limited'@'%'`)
      await root.query(`CREATE USER '${SHIPPER.name}'@'%' IDENTIFIED BY '${SHIPPER.password}'`)
      await root.query(`GRANT SELECT, INSERT, UPDATE, CREATE ON ${DATABASE}.* TO '${SHIPPER.name}'@'%'`)
      await root.end()
      return
    }
    const owner = new pg.Client({ host: this.folder, port: this.port, user: OWNER, database: 'postgres' })
    await owner.connect()
    await owner.query(`CREATE DATABASE ${DATABASE}`)
    await owner.query(`CREATE ROLE ${name} LOGIN PASSWORD '${password}'`)
    await owner.query(`CREATE ROLE limited LOGIN PASSWORD '${password}'`)
    await owner.end()
    await this.run(
      `CREATE ROLE ${SHIPPER.name} LOGIN PASSWORD '${SHIPPER.password}'`,
      `GRANT CREATE ON SCHEMA public TO ${SHIPPER.name}`,
      `ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT ON TABLES TO ${SHIPPER.name}`,
      `ALTER DEFAULT PRIVILEGES GRANT USAGE ON SEQUENCES TO ${SHIPPER.name}`,
    )
    await this.run(`ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO ${name}`)
  }
}

/** The user that a program runs as. */
interface As {
  uid?: number
  gid?: number
}

const makeData: Record<DatabaseKind, (data: string, as: As & { env: NodeJS.ProcessEnv }) => void> = {
  mysql: (data, as) => {
    mkdirSync(data)
    giveTo(as, data)
    const options = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal']
    execFileSync('mariadb-install-db', [...options, '--skip-test-db', '--skip-name-resolve'], {
      ...as,
      cwd: '/',
      stdio: 'pipe',
    })
  },
  postgres: (data, as) => {
    const options = ['-D', data, '-U', OWNER, '--auth=trust', '--no-sync', '-E', 'UTF8', '--no-locale']
    execFileSync(postgresTool('initdb'), options, { ...as, cwd: '/', stdio: 'pipe' })
    const access = [
      `local all ${OWNER} trust`,
      'local all all trust',
      'host all all 127.0.0.1/32 scram-sha-256',
      'host all all ::1/128 scram-sha-256',
    ]
    writeFileSync(join(data, 'pg_hba.conf'), `${access.join('\n')}\n`)
  },
}

function mariadb(folder: string, data: string, port: number, tls: readonly string[]): [string, string[]] {
  const [key, cert] = tls
  const encryption = key === undefined ? [] : [`--ssl-key=${key}`, `--ssl-cert=${cert}`]
  const small = ['--innodb-buffer-pool-size=16M', '--innodb-log-file-size=4M', '--innodb-flush-log-at-trx-commit=2']
  const place = [`--datadir=${data}`, `--socket=${join(folder, 'socket')}`, `--pid-file=${join(folder, 'pid')}`]
  const net = ['--bind-address=127.0.0.1', `--port=${port}`, '--skip-name-resolve']
  return ['/usr/sbin/mariadbd', ['--no-defaults', ...place, ...net, ...small, ...encryption]]
}

function postgres(folder: string, data: string, port: number, tls: readonly string[]): [string, string[]] {
  const [key, cert] = tls
  const encryption =
    key === undefined ? [] : ['-c', 'ssl=on', '-c', `ssl_key_file=${key}`, '-c', `ssl_cert_file=${cert}`]
  const net = ['-c', 'listen_addresses=127.0.0.1', '-p', String(port), '-k', folder]
  return [postgresTool('postgres'), ['-D', data, ...net, '-c', 'fsync=off', ...encryption]]
}

/** Neither server is one of root's. */
function userOf(folder: string): As {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = ['-u', '-g'].map((which) => Number(execFileSync('id', [which, 'nobody'])))
  const as = { uid: uid ?? 0, gid: gid ?? 0 }
  giveTo(as, folder)
  return as
}

function writeAs(as: As, path: string, content: string): string {
  writeFileSync(path, content, { mode: 0o600 })
  giveTo(as, path)
  return path
}

function giveTo({ uid, gid }: As, path: string): void {
  if (uid !== undefined && gid !== undefined) chownSync(path, uid, gid)
}

async function untilReady(server: ChildProcess): Promise<void> {
  let said = ''
  server.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('latin1')).slice(-10_000)
    server.emit('said')
  })
  const ended = endOf(server).then((code) => {
    throw new Error(`the server ended with ${code}: ${said}`)
  })
  ended.catch(() => {})
  while (!/ready for connections|ready to accept connections/.test(said))
    await Promise.race([once(server, 'said'), ended])
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  await new Promise((closed) => server.close(closed))
  return port
}

/** Debian has them in no folder of PATH: the newest is taken. */
function postgresTool(name: string): string {
  const folder = '/usr/lib/postgresql'
  const [newest = ''] = readdirSync(folder).sort((one, other) => Number(other) - Number(one))
  return join(folder, newest, 'bin', name)
}
