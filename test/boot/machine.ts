import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import split from 'split2'
import { within } from '../lab/patience.ts'
import { endOf, quoted } from '../support/programs.ts'
import { diskOf, type Image } from './image.ts'

/** From the reset to the first command, in ms: without KVM it takes 20 to 75 s, and the other machine boots beside it. */
const BOOT_MS = 400_000

/**
 * `panic=1`: a kernel that panics boots anew after 1 s. Without KVM the kernel of sid (7.x, in QEMU 7.2 with two processors)
 * panicked once in some hundred boots, 2 s after its start and long before anything of ours runs.
 * `mitigations=off`: what guards against faults of a real processor makes an emulated one map its memory anew at each call
 * of the kernel.
 */
const KERNEL_OPTIONS = 'root=/dev/vda rw console=ttyS0 panic=1 mitigations=off'

/** How long a command may take if nothing else is said, in s. */
const COMMAND_S = 180

/** What a command came to. */
export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** A Debian that runs in qemu, without KVM and without a network. What is changed on its disk ends with it. */
export class Machine {
  private readonly folder: string
  private readonly server: Server
  private readonly qemu: ChildProcess
  private readonly answers = new Map<string, (words: string[]) => void>()
  private readonly ended: Promise<never>
  private boots: (() => void)[] = []
  private port: Socket | undefined
  private commands = 0
  private panics = 0

  private constructor(folder: string, server: Server, qemu: ChildProcess) {
    this.folder = folder
    this.server = server
    this.qemu = qemu
    this.ended = endOf(qemu).then((code) => {
      throw new Error(`qemu ended with ${code}`)
    })
    this.ended.catch(() => {})
  }

  /**
   * Boots an image, and mounts a disk with the files of a folder on /mnt. The machine ends with this process, however
   * that ends.
   *
   * @throws Error if it does not boot
   */
  static async boot(image: Image, files: string): Promise<Machine> {
    const folder = mkdtempSync(join(tmpdir(), 'ami-track-boot-'))
    const disk = join(folder, 'files.ext4')
    const path = join(folder, 'agent')
    await diskOf(files, disk, '512M')
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(path, resolve))
    const qemu = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...options(image, disk, folder, path)],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    )
    const machine = new Machine(folder, server, qemu)
    server.on('connection', (port) => machine.listen(port))
    try {
      await machine.booted(() => {})
      await machine.output('mount -o ro /dev/vdb /mnt')
    } catch (error) {
      const console = machine.console()
      await machine.stop()
      throw new Error(`${(error as Error).message}\n${console}`)
    }
    return machine
  }

  /** Runs a command of bash in it, as root. @param limit in s, after which it is killed with code 124 */
  async run(command: string, limit = COMMAND_S): Promise<Outcome> {
    this.commands += 1
    const id = String(this.commands)
    const limited = `timeout ${limit} bash -c ${quoted([command])}`
    const answered = new Promise<string[]>((resolve) => this.answers.set(id, resolve))
    this.port?.write(`${id} ${Buffer.from(limited).toString('base64')}\n`)
    const words = await within(Promise.race([answered, this.ended]), `an answer to ${command}`, (limit + 120) * 1000)
    const [code = '', stdout = '', stderr = ''] = words
    return { code: Number(code), stdout: plain(stdout), stderr: plain(stderr) }
  }

  /** What a command says on stdout. @throws Error if it fails */
  async output(command: string, limit = COMMAND_S): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, limit)
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${stdout}${stderr}`)
    return stdout
  }

  /** Waits until a command succeeds. @throws Error with what it said last, if it does not within `limit` s */
  async until(command: string, limit = COMMAND_S): Promise<string> {
    const last = '/run/boot-test-last'
    const { code, stdout } = await this.run(
      `until ( ${command}\n) >${last} 2>&1; do sleep 0.2; done; cat ${last}`,
      limit,
    )
    if (code === 0) return stdout
    throw new Error(`waited ${limit} s in vain for: ${command}\n${await this.output(`cat ${last}`)}`)
  }

  /** Boots it anew, as an administrator does. */
  async reboot(): Promise<void> {
    await this.booted(() => void this.run('systemctl reboot').catch(() => {}))
    await this.output('mount -o ro /dev/vdb /mnt')
  }

  /** The end of what it said on its console. */
  console(): string {
    return this.whole().split('\n').slice(-60).join('\n')
  }

  async stop(): Promise<void> {
    this.qemu.kill('SIGKILL')
    await this.ended.catch(() => {})
    this.server.close()
    rmSync(this.folder, { recursive: true })
  }

  private booted(begin: () => void): Promise<void> {
    const booted = new Promise<void>((resolve) => this.boots.push(resolve))
    begin()
    return within(Promise.race([booted, this.ended]), 'the machine to boot', BOOT_MS).finally(() => this.tellPanics())
  }

  /** A panic delays a boot and fails no test; it is not hidden either. */
  private tellPanics(): void {
    const panics = this.whole().match(/Kernel panic - not syncing: .*/g) ?? []
    for (const panic of panics.slice(this.panics)) process.stderr.write(`the machine booted anew: ${panic}\n`)
    this.panics = panics.length
  }

  private whole(): string {
    return readFileSync(join(this.folder, 'console'), 'utf8')
  }

  private listen(port: Socket): void {
    this.port = port
    port.pipe(split()).on('data', (line: string) => {
      const [id = '', ...words] = line.split(' ')
      if (id === 'booted') for (const tell of this.boots.splice(0)) tell()
      this.answers.get(id)?.(words)
      this.answers.delete(id)
    })
  }
}

function options({ kernel, initrd, disk }: Image, files: string, folder: string, path: string): string[] {
  return [
    ...['-machine', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max,la57=off', '-smp', '2', '-m', '1024'],
    ...['-display', 'none', '-vga', 'none', '-monitor', 'none', '-device', 'virtio-rng-pci', '-nic', 'none'],
    ...['-kernel', kernel, '-initrd', initrd, '-append', KERNEL_OPTIONS],
    ...['-drive', `file=${disk},format=raw,if=virtio,snapshot=on`],
    ...['-drive', `file=${files},format=raw,if=virtio,readonly=on`],
    ...['-serial', `file:${join(folder, 'console')}`],
    ...['-chardev', `socket,id=agent,path=${path}`, '-device', 'virtio-serial-pci'],
    ...['-device', 'virtserialport,chardev=agent,name=agent'],
  ]
}

function plain(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8')
}
