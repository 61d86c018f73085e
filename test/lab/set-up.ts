import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { writeConfiguration } from './asterisk.ts'
import { hostMirror, installTools, succeeds } from './debian.ts'
import { labFolder, rootOf, type ServerEntry, servers } from './servers.ts'

/** `make lab`: unpacks the servers that are missing, and writes their configuration. */
async function setUp(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('the lab needs root, for chroots: sudo make lab')
  if (!existsSync('/etc/debian_version')) throw new Error('the lab needs Debian, whose packages its servers are')
  mkdirSync(labFolder, { recursive: true })
  const missing = servers.filter((server) => !isThere(server))
  // sqlite3 makes the tables of realtime queues whenever a server is started.
  await installTools({ mmdebstrap: 'mmdebstrap', sqlite3: 'sqlite3' })
  // Two servers of one suite: what is unpacked for the first is copied for the second.
  await Promise.all(missing.filter((server) => twinOf(server) === undefined).map(unpack))
  for (const server of missing) {
    const twin = twinOf(server)
    if (twin !== undefined && !isThere(server)) await copy(twin, server)
  }
  for (const server of servers) {
    await writeConfiguration(server)
    say(`${server.name} is in ${rootOf(server)}`)
  }
}

function isThere(server: ServerEntry): boolean {
  return existsSync(join(rootOf(server), 'usr/sbin/asterisk'))
}

/** The server in the table before this one that is of the same suite. */
function twinOf(server: ServerEntry): ServerEntry | undefined {
  return servers.slice(0, servers.indexOf(server)).find(({ suite }) => suite === server.suite)
}

async function copy(from: ServerEntry, to: ServerEntry): Promise<void> {
  const unfinished = `${rootOf(to)}.unfinished`
  for (const folder of [unfinished, rootOf(to)]) rmSync(folder, { recursive: true, force: true })
  if (!(await succeeds('cp', ['-a', '--reflink=auto', rootOf(from), unfinished], 'inherit'))) {
    throw new Error(`${from.name} could not be copied for ${to.name}`)
  }
  renameSync(unfinished, rootOf(to))
}

/** Unpacks a server beside its place, so that an unpacking that was cut short is not taken for a server. */
async function unpack(server: ServerEntry): Promise<void> {
  const { name, suite, mirror = hostMirror(), keyring } = server
  say(`${name}: unpacking asterisk of Debian ${suite} from ${mirror}, which takes a minute`)
  const target = rootOf(server)
  const unfinished = `${target}.unfinished`
  for (const folder of [unfinished, target]) rmSync(folder, { recursive: true, force: true })
  const options = [
    '--variant=apt',
    '--include=asterisk,asterisk-core-sounds-en-gsm',
    '--aptopt=APT::Install-Recommends "false"',
    // The Release file of sid is often past its Valid-Until on mirrors.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--quiet',
    ...(keyring === undefined ? [] : [`--keyring=${keyring}`]),
  ]
  if (!(await succeeds('mmdebstrap', [...options, suite, unfinished, mirror], 'inherit'))) {
    throw new Error(`${name} could not be unpacked from ${mirror}`)
  }
  renameSync(unfinished, target)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

try {
  await setUp()
} catch (error) {
  process.stderr.write(`make lab: ${(error as Error).message}\n`)
  process.exitCode = 1
}
