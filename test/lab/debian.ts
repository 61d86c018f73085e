import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { endOf } from '../support/programs.ts'

/** Installs what unpacks a Debian into a folder. */
export async function installTools(): Promise<void> {
  if (await succeeds('mmdebstrap', ['--version'])) return
  process.stdout.write('mmdebstrap is missing: apt-get install mmdebstrap\n')
  if (!(await succeeds('apt-get', ['update', '-qq']))) throw new Error('apt-get update has failed')
  if (!(await succeeds('apt-get', ['install', '-y', '-qq', 'mmdebstrap']))) {
    throw new Error('mmdebstrap cannot be installed')
  }
}

/** The mirror that this machine itself uses. */
export function hostMirror(): string {
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

/** Runs a command, its output told on stderr or not at all. */
export async function succeeds(command: string, args: readonly string[], output: 'inherit' | 'ignore' = 'ignore') {
  const child = spawn(command, args, { stdio: ['ignore', output === 'inherit' ? 2 : 'ignore', output] })
  return (await endOf(child).catch(() => 'missing')) === 0
}
