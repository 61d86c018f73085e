import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Architecture, isOwn } from './architectures.ts'

/** The Node that is inside the executable of a package. */
export interface EmbeddedNode {
  /** `24.1.0` */
  version: string
  executable: string
  /** Its own licence and those of all that it is built with. */
  licences: string
}

/**
 * The Node for a kind of machine, where `npm ci` in packaging/node has put it.
 *
 * @throws Error if it is not there
 */
export function embeddedNode(root: string, { node }: Architecture): EmbeddedNode {
  const folder = join(root, `packaging/node/node_modules/node-linux-${node}`)
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return { version, executable: join(folder, 'bin/node'), licences: readFileSync(join(folder, 'LICENSE'), 'utf8') }
}

/** Runs the Node of a kind of machine, by qemu if this machine is of another kind. */
export function runNode(executable: string, architecture: Architecture, args: readonly string[], cwd: string): string {
  const { machine } = architecture
  const emulator = isOwn(architecture) ? [] : [`qemu-${machine}-static`, '-L', `/usr/${machine}-linux-gnu`]
  const [command = '', ...others] = [...emulator, executable, ...args]
  return execFileSync(command, others, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}
