import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { endOf } from '../support/programs.ts'

/**
 * Installs tools that are missing.
 *
 * @param tools each with the package of Debian that has it
 * @throws Error if one cannot be installed
 */
export async function installTools(tools: Readonly<Record<string, string>> = { mmdebstrap: 'mmdebstrap' }) {
  const missing = Object.entries(tools).flatMap(([tool, name]) => (isThere(tool) ? [] : [name]))
  if (missing.length === 0) return
  process.stdout.write(`apt-get install ${missing.join(' ')}\n`)
  if (!(await succeeds('apt-get', ['update', '-qq']))) throw new Error('apt-get update failed')
  const install = ['install', '-y', '-qq', '--no-install-recommends', ...missing]
  if (!(await succeeds('apt-get', install))) throw new Error(`${missing.join(', ')} cannot be installed`)
}

function isThere(tool: string): boolean {
  const places = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/sbin']
  return places.some((place) => existsSync(join(place, tool)))
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
