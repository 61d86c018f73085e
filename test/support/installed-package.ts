import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from './package.ts'

const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, { dev?: boolean }>
}

/** What npm puts beside the package: all that it needs to run, and what that needs. */
const besides = Object.entries(packages).flatMap(([path, { dev = false }]) => {
  const name = path.replace(/^node_modules\//, '')
  return dev || name === '' || name.includes('node_modules/') ? [] : [name]
})

/** A folder in which somebody has installed the package, as it would be published. */
export class InstalledPackage {
  /** Programs that stand here find it by its name. */
  readonly folder: string
  /** The package itself. */
  readonly path: string
  readonly tarball: string

  /** Does what `npm install` of the packed file does, but for the download of the dependencies: those are the repository's. */
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'ami-track-package-'))
    const pack = ['pack', '--ignore-scripts', '--json', '--loglevel=error', '--pack-destination', this.folder]
    const [{ filename }] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }))
    this.tarball = join(this.folder, filename)
    this.path = join(this.folder, 'node_modules/ami-track')
    mkdirSync(this.path, { recursive: true })
    execFileSync('tar', ['-xzf', this.tarball, '-C', this.path, '--strip-components=1'])
    for (const name of besides) this.link(name)
  }

  /** Lets programs find a package of the repository, as if it were installed as well. */
  link(name: string): void {
    const place = join(this.folder, 'node_modules', name)
    mkdirSync(dirname(place), { recursive: true })
    if (!existsSync(place)) symlinkSync(join(root, 'node_modules', name), place)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}
