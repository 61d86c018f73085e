import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readHelp } from './help-text.ts'
import { filled, layOut, type Product, scriptWords } from './tree.ts'

const SETTINGS = '/etc/default/ami-track'

/** Builds the package for Debian and what comes of it, and says where it is. */
export function buildDeb(product: Product, folder: string, description: Description): string {
  const { root, version, date } = product
  const tree = join(folder, 'deb')
  rmSync(tree, { recursive: true, force: true })
  layOut(tree, product, { settings: SETTINGS, zshCompletions: 'usr/share/zsh/vendor-completions' })
  const control = join(tree, 'DEBIAN')
  mkdirSync(control)
  writeFileSync(join(control, 'conffiles'), `${SETTINGS}\n/etc/logrotate.d/ami-track\n`)
  for (const name of ['postinst', 'prerm', 'postrm']) {
    writeFileSync(join(control, name), filled(root, name, scriptWords(root, SETTINGS)), { mode: 0o755 })
  }
  const architecture = output('dpkg', ['--print-architecture'])
  const fields = {
    Package: 'ami-track',
    Version: version,
    Architecture: architecture,
    Maintainer: 'the ami-track authors <ami-track@localhost>',
    Section: 'comm',
    Priority: 'optional',
    'Installed-Size': output('du', ['-sk', tree]).split(/\s/)[0],
    Depends: dependencies(folder, join(tree, 'usr/bin/ami-track')),
    Description: `${description.summary}\n${description.text.replace(/^/gm, ' ')}`,
  }
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`)
  writeFileSync(join(control, 'control'), lines.join(''))
  const file = join(folder, `ami-track_${version}_${architecture}.deb`)
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', tree, file], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(date.getTime() / 1000) },
    stdio: ['ignore', 'ignore', 2],
  })
  return file
}

export interface Description {
  summary: string
  /** Lines of up to 80 characters, without blank ones. */
  text: string
}

/** What a package says of itself: package.json, and the first paragraph of the daemon's help. */
export function describe(summary: string, help: string): Description {
  const first = readHelp(help).find((part) => part.kind === 'text')
  const words = first?.kind === 'text' ? first.text : ''
  return { summary, text: words.replace(/(.{1,78})(?: |$)/g, '$1\n').trimEnd() }
}

/** As Debian's own tool finds them, but for the version of glibc, where that says the one it was itself built with. */
function dependencies(folder: string, executable: string): string {
  const source = join(folder, 'shlibdeps')
  mkdirSync(join(source, 'debian'), { recursive: true })
  writeFileSync(join(source, 'debian/control'), 'Source: ami-track\n\nPackage: ami-track\nArchitecture: any\n')
  const found = execFileSync('dpkg-shlibdeps', ['-O', executable], {
    cwd: source,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const needed = output('readelf', ['--version-info', '--wide', executable]).matchAll(/\bGLIBC_(\d+)\.(\d+)/g)
  const [oldest = 0] = [...needed].map(([, , minor]) => Number(minor)).sort((a, b) => b - a)
  return found
    .trim()
    .replace(/^shlibs:Depends=/, '')
    .replace(/libc6 \(>= [\d.]+\)/, `libc6 (>= 2.${oldest})`)
}

function output(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 }).trim()
}
