import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { hostMirror, installTools, succeeds } from '../lab/debian.ts'

/** What a command in a chroot came to. */
export interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

/** A Debian in a folder, with apt, what that needs and what is named, and nothing else: no Node, no systemd. */
export class FreshDebian {
  readonly root: string

  private constructor(root: string) {
    this.root = root
  }

  /** @param architectures first its own, which this machine has to run, then those of which it has libraries */
  static async unpack(
    suite: string,
    packages: readonly string[],
    architectures: readonly string[] = [],
  ): Promise<FreshDebian> {
    if (process.getuid?.() !== 0) throw new Error('chroots need root: sudo make packages-test')
    await installTools()
    const root = mkdtempSync(join(tmpdir(), 'ami-track-debian-'))
    const include = `--include=${packages.join(',')}`
    const own = architectures.length > 0 ? [`--architectures=${architectures.join(',')}`] : []
    const options = [
      '--variant=apt',
      include,
      ...own,
      '--quiet',
      '--dpkgopt=force-unsafe-io',
      '--aptopt=Acquire::Check-Valid-Until "false"',
    ]
    if (!(await succeeds('mmdebstrap', [...options, suite, root, hostMirror()], 'inherit'))) {
      rmSync(root, { recursive: true, force: true })
      throw new Error(`Debian ${suite} could not be unpacked`)
    }
    return new FreshDebian(root)
  }

  /** Runs a command of the shell in it. */
  run(command: string, input: string | Buffer = ''): Outcome {
    const env = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' }
    const options = { env, input, maxBuffer: 1 << 26 }
    const { status, stdout, stderr } = spawnSync('chroot', [this.root, 'sh', '-c', command], options)
    return { code: status, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') }
  }

  /** What a command that has to succeed says on stdout. */
  output(command: string, input?: string | Buffer): string {
    const { code, stdout, stderr } = this.run(command, input)
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${stdout}${stderr}`)
    return stdout
  }

  /** Copies a file into it, to /root. */
  bring(file: string): string {
    copyFileSync(file, join(this.root, 'root', basename(file)))
    return `/root/${basename(file)}`
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path))
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8')
  }

  write(path: string, content: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), content)
  }

  /** `0640 root:ami-track` */
  access(path: string): string {
    statSync(join(this.root, path))
    return this.output(`stat -c '%04a %U:%G' ${path}`).trim()
  }

  remove(): void {
    rmSync(this.root, { recursive: true, force: true })
  }
}
