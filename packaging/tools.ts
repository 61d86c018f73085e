import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
import { ARCHITECTURES, isOwn } from './architectures.ts'

/** What packages are made with, each a command or a file, and the package of Debian that it comes with. */
function tools(): [string, string][] {
  const ofArchitectures = ARCHITECTURES.flatMap((architecture): [string, string][] => {
    const { debian, machine } = architecture
    const system = `${machine}-linux-gnu`
    const strip: [string, string] = [`${system}-strip`, `binutils-${system.replace('_', '-')}`]
    if (isOwn(architecture)) return [strip]
    return [
      strip,
      [`qemu-${machine}-static`, 'qemu-user-static'],
      [`/usr/${system}/lib/libstdc++.so.6`, `libstdc++6-${debian}-cross`],
    ]
  })
  return [['dpkg-deb', 'dpkg'], ['readelf', 'binutils'], ['rpmbuild', 'rpm'], ...ofArchitectures]
}

/**
 * Installs what packages are made with, by apt-get.
 *
 * @throws Error if something is missing and this is no Debian
 */
export function installTools(): void {
  const missing = tools().flatMap(([tool, name]) => (isThere(tool) ? [] : [name]))
  if (missing.length === 0) return
  if (!existsSync('/etc/debian_version')) {
    throw new Error(`packages are built on Debian; these packages of it are missing: ${missing.join(', ')}`)
  }
  process.stdout.write(`apt-get install ${missing.join(' ')}\n`)
  const quietly = { stdio: ['ignore', 'ignore', 2] as ['ignore', 'ignore', 2] }
  execFileSync('apt-get', ['update', '-qq'], quietly)
  execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], quietly)
}

function isThere(tool: string): boolean {
  if (isAbsolute(tool)) return existsSync(tool)
  return (process.env.PATH ?? '').split(':').some((place) => existsSync(join(place, tool)))
}
