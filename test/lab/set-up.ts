import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { endOf } from '../support/programs.ts'
import { writeConfiguration } from './asterisk.ts'
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

async function installTools(): Promise<void> {
  if (await succeeds('mmdebstrap', ['--version'])) return
  say('mmdebstrap is missing: apt-get install mmdebstrap')
  if (!(await succeeds('apt-get', ['update', '-qq']))) throw new Error('apt-get update has failed')
  if (!(await succeeds('apt-get', ['install', '-y', '-qq', 'mmdebstrap']))) {
    throw new Error('mmdebstrap cannot be installed')
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

/** The mirror that this machine itself uses. */
function hostMirror(): string {
  const folder = '/etc/apt/sources.list.d'
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []),
  ]
  const text = files.map((file) => (existsSync(file) ? readFileSync(file, 'utf8') : '')).join('\n')
  const uris = text.matchAll(/^(?:URIs:|deb(?: \[[^\]]*\])?)\s+(https?:\S+)/gm)
  const debian = [...uris].map(([, uri = '']) => uri).find((uri) => /\/debian\/?$/.test(uri))
  return debian ?? 'http://deb.debian.org/debian'
}

async function succeeds(command: string, args: readonly string[], output: 'inherit' | 'ignore' = 'ignore') {
  const child = spawn(command, args, { stdio: ['ignore', output === 'inherit' ? 2 : 'ignore', output] })
  return (await endOf(child).catch(() => 'missing')) === 0
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
