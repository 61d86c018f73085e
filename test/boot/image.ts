import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { hostMirror, installTools, succeeds } from '../lab/debian.ts'
import { root } from '../support/package.ts'
import { quoted } from '../support/programs.ts'

/** A Debian to boot. */
export interface Debian {
  suite: string
  /** An older suite beside it, which has what this one has not: bookworm has no Asterisk. */
  beside?: string | undefined
}

/** What qemu boots. */
export interface Image {
  kernel: string
  initrd: string
  disk: string
}

/** Where images are kept between runs. */
const folder = resolve(process.env.BOOT || join(root, '.boot'))

/** The tools, and the packages of Debian that have them. */
const TOOLS = { mmdebstrap: 'mmdebstrap', 'qemu-system-x86_64': 'qemu-system-x86', 'mkfs.ext4': 'e2fsprogs' }

const PACKAGES = [
  'linux-image-amd64',
  ...['systemd-sysv', 'dbus', 'udev', 'procps', 'cron', 'logrotate'],
  ...['asterisk', 'asterisk-core-sounds-en-gsm', 'asterisk-moh-opsound-gsm'],
]

const DISK_SIZE = '4G'

/**
 * The image of a Debian with its own kernel, systemd, logrotate and Asterisk. It is made where there is none of the same
 * recipe, which takes a minute or two.
 *
 * @throws Error without root, or if it cannot be made
 */
export async function imageOf(debian: Debian): Promise<Image> {
  const recipe = recipeOf(debian)
  const inputs = [recipe, ...[agent, unit].map((file) => readFileSync(file, 'utf8'))]
  const key = createHash('sha256').update(JSON.stringify(inputs).replaceAll(root, '')).digest('hex').slice(0, 12)
  const place = join(folder, `${debian.suite}-${key}`)
  const image = { kernel: join(place, 'vmlinuz'), initrd: join(place, 'initrd.img'), disk: join(place, 'disk.ext4') }
  if (existsSync(place)) return image
  if (process.getuid?.() !== 0) throw new Error('images are made by root: sudo make boot-test')
  await make(debian, recipe, place)
  return image
}

/** Installs what makes and boots images. */
export const installBootTools = (): Promise<void> => installTools(TOOLS)

const agent = join(root, 'test/boot/agent.sh')
const unit = join(root, 'test/boot/agent.service')

/** The arguments of mmdebstrap, but for the folder. */
function recipeOf({ suite, beside }: Debian): { options: string[]; sources: string[] } {
  const mirror = hostMirror()
  // Without this, the initial RAM disk of some Debians has what the building machine's own disk needs.
  const initramfs = [
    'mkdir -p "$1/etc/initramfs-tools/conf.d" "$1/etc/dracut.conf.d"',
    'echo MODULES=list > "$1/etc/initramfs-tools/conf.d/boot-test"',
    'printf "%s\\n" virtio_pci virtio_blk ext4 > "$1/etc/initramfs-tools/modules"',
    `echo 'add_drivers+=" virtio_pci virtio_blk ext4 "' > "$1/etc/dracut.conf.d/boot-test.conf"`,
  ].join(' && ')
  const booted = [
    'echo "/dev/vda / ext4 defaults 0 1" > "$1/etc/fstab"',
    'echo boot-test > "$1/etc/hostname"',
    'chroot "$1" systemctl enable boot-test-agent.service',
  ].join(' && ')
  const options = [
    '--variant=important',
    `--include=${PACKAGES.join(',')}`,
    '--aptopt=APT::Install-Recommends "false"',
    // The Release file of sid is often past its Valid-Until on mirrors.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    '--quiet',
    `--essential-hook=${initramfs}`,
    `--customize-hook=${quoted(['install', agent])} "$1/usr/local/sbin/boot-test-agent"`,
    `--customize-hook=${quoted(['install', '-m', '644', unit])} "$1/etc/systemd/system/boot-test-agent.service"`,
    `--customize-hook=${booted}`,
  ]
  const suites = beside === undefined ? [suite] : [suite, beside]
  return { options, sources: suites.map((name) => `deb ${mirror} ${name} main`) }
}

/** Beside its place at first, so that an image that was cut short is not taken for one. */
async function make(debian: Debian, { options, sources }: ReturnType<typeof recipeOf>, place: string): Promise<void> {
  process.stdout.write(`Debian ${debian.suite}: the image is made, which takes a minute or two\n`)
  const unfinished = `${place}.unfinished`
  const tree = join(unfinished, 'tree')
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(tree, { recursive: true })
  const run = async (command: string, args: readonly string[]): Promise<void> => {
    if (!(await succeeds(command, args, 'inherit'))) throw new Error(`${debian.suite}: ${command} failed`)
  }
  await run('mmdebstrap', [...options, debian.suite, tree, ...sources])
  const boot = join(tree, 'boot')
  for (const name of ['vmlinuz', 'initrd.img']) {
    const [file] = readdirSync(boot).filter((entry) => entry.startsWith(`${name}-`))
    if (file === undefined) throw new Error(`${debian.suite} has no ${name}`)
    copyFileSync(join(boot, file), join(unfinished, name))
  }
  await diskOf(tree, join(unfinished, 'disk.ext4'), DISK_SIZE)
  rmSync(tree, { recursive: true })
  renameSync(unfinished, place)
}

/**
 * Makes a disk with the files of a folder, their owners and modes.
 *
 * @param size as mkfs.ext4 takes it; the file is as large as what is on it
 */
export async function diskOf(tree: string, file: string, size: string): Promise<void> {
  if (!(await succeeds('mkfs.ext4', ['-q', '-F', '-d', tree, file, size], 'inherit'))) {
    throw new Error(`${file}: mkfs.ext4 failed`)
  }
}
