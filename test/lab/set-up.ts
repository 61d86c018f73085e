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
  const missing = servers.filter((server) => !existsSync(join(rootOf(server), 'usr/sbin/asterisk')))
  if (missing.length > 0) await installTools()
  await Promise.all(missing.map(unpack))
  for (const server of servers) {
    await writeConfiguration(server)
    say(`${server.name} is in ${rootOf(server)}`)
  }
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
