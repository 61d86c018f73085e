import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { AmiClient } from './ami-client.ts'
import { certificateFile, makeCertificate } from './certificate.ts'
import { CONFIGURATION, configurationFiles, DATABASE_FILE, lanesOf, type Variations } from './config/files.ts'
import { realtimeTables } from './config/queues.ts'
import { within } from './patience.ts'
import { rootOf, type ServerEntry, users } from './servers.ts'

const STOP_MS = 5000
/** A second where nothing else runs. */
const BOOT_MS = 120_000

/** A running Asterisk of the lab. */
export class Asterisk {
  readonly entry: ServerEntry
  private readonly child: ChildProcess
  private readonly exited: Promise<void>

  private constructor(entry: ServerEntry, child: ChildProcess) {
    this.entry = entry
    this.child = child
    this.exited = new Promise((resolve) => child.once('exit', () => resolve()))
  }

  /**
   * Starts a server with empty logs, and waits until it is fully booted.
   *
   * It ends with this process, however that ends, and its mounts end with it: they are in a namespace of its own.
   *
   * @throws if it is not set up, or its ports are taken
   */
  static async start(entry: ServerEntry, variations: Variations = {}): Promise<Asterisk> {
    const root = rootOf(entry)
    if (!existsSync(join(root, 'usr/sbin/asterisk'))) throw new Error(`${entry.name} is not set up: make lab`)
    if (await isListening(entry.ports.ami)) {
      throw new Error(`port ${entry.ports.ami} of ${entry.name} is taken: is another run of the lab going on?`)
    }
    await writeConfiguration(entry, variations)
    // Not var/run: that is a link to /run, which from here is the host's.
    for (const folder of ['var/log/asterisk', 'run/asterisk']) {
      rmSync(join(root, folder), { recursive: true, force: true })
      mkdirSync(join(root, folder), { recursive: true })
    }
    // Members of queues and registrations of an earlier run.
    rmSync(join(root, 'var/lib/asterisk/astdb.sqlite3'), { force: true })
    rmSync(join(root, DATABASE_FILE), { force: true })
    await promisify(execFile)('sqlite3', [
      join(root, DATABASE_FILE),
      realtimeTables(entry.technology, lanesOf(variations)),
    ])
    const console = openSync(join(root, 'var/log/asterisk/console'), 'w')
    const mounts = 'mount --rbind /dev "$1/dev" && mount -t proc proc "$1/proc"'
    const run = 'exec setpriv --pdeathsig TERM chroot "$1" /usr/sbin/asterisk -f -n -C "$2/asterisk.conf"'
    const child = spawn('unshare', ['--mount', 'sh', '-c', `${mounts} && ${run}`, 'sh', root, CONFIGURATION], {
      stdio: ['ignore', console, console],
    })
    const asterisk = new Asterisk(entry, child)
    try {
      await asterisk.booted()
    } catch (error) {
      await asterisk.stop()
      throw error
    }
    return asterisk
  }

  get queueLogFile(): string {
    return join(rootOf(this.entry), 'var/log/asterisk/queue_log')
  }

  /** The file of the certificate that its manager port has. */
  get certificateFile(): string {
    return certificateFile(rootOf(this.entry), CONFIGURATION)
  }

  /** A connection of the lab's own user, when the server is ready. */
  async booted(): Promise<void> {
    const started = async (): Promise<void> => {
      for (;;) {
        if (this.child.exitCode !== null) throw new Error(`${this.entry.name} ended: ${this.lastWords()}`)
        if ((await this.cli('core waitfullybooted').catch(() => '')).includes('fully booted')) return
        await new Promise((resolve) => setTimeout(resolve, 200))
      }
    }
    await within(started(), `${this.entry.name} to boot`, BOOT_MS)
  }

  connect(onData?: (bytes: Buffer) => void, user: { name: string; secret: string } = users.lab): Promise<AmiClient> {
    return AmiClient.open(this.entry.ports.ami, user, onData)
  }

  /** `asterisk -rx COMMAND` */
  async cli(command: string): Promise<string> {
    const args = [rootOf(this.entry), '/usr/sbin/asterisk', '-C', `${CONFIGURATION}/asterisk.conf`, '-rx', command]
    return (await promisify(execFile)('chroot', args, { timeout: 30_000 })).stdout
  }

  /** `core restart now`, and waits until it is up again. */
  async restart(): Promise<void> {
    const witness = await this.connect()
    const down = new Promise<void>((resolve) => witness.once('close', resolve))
    await this.cli('core restart now').catch(() => '')
    await within(down, `${this.entry.name} to go down`)
    await this.booted()
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM')
    await within(this.exited, `${this.entry.name} to stop`, STOP_MS).catch(() => this.child.kill('SIGKILL'))
    await this.exited
  }

  private lastWords(): string {
    const text = readFileSync(join(rootOf(this.entry), 'var/log/asterisk/console'), 'utf8')
    return text.trim().split('\n').slice(-3).join(' / ') || 'it said nothing'
  }
}

/** Writes the configuration into the server's root, with the certificate of its manager port. */
export async function writeConfiguration(entry: ServerEntry, variations: Variations = {}): Promise<void> {
  const root = rootOf(entry)
  const folder = join(root, CONFIGURATION)
  mkdirSync(folder, { recursive: true })
  for (const [name, content] of Object.entries(configurationFiles(entry, modulesFolder(root), variations))) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), content)
  }
  await makeCertificate(root, CONFIGURATION)
}

/** Debian has moved it to a folder for each architecture. */
function modulesFolder(root: string): string {
  const folders = readdirSync(join(root, 'usr/lib')).map((name) => `/usr/lib/${name}/asterisk/modules`)
  const found = ['/usr/lib/asterisk/modules', ...folders].find((folder) =>
    existsSync(join(root, folder, 'app_queue.so')),
  )
  if (found === undefined) throw new Error(`${root} has no modules of Asterisk`)
  return found
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
