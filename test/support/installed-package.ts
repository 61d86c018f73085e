import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root } from './package.ts'

const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  dependencies: Record<string, string>
}

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
    for (const name of Object.keys(dependencies)) this.link(name, join(this.path, 'node_modules'))
  }

  /** Lets programs find a package of the repository, as if it were installed as well. */
  link(name: string, modules = join(this.folder, 'node_modules')): void {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true })
  }
}
