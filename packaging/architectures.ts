/** A kind of machine that packages are made for. */
export interface Architecture {
  /** Its name for Node and npm. */
  node: string
  /** Its name for Debian. */
  debian: string
  /** Its name for the kernel, rpm, qemu and the compilers. */
  machine: string
}

/** Every kind of machine that packages are made for. */
export const ARCHITECTURES: readonly Architecture[] = [
  { node: 'x64', debian: 'amd64', machine: 'x86_64' },
  { node: 'arm64', debian: 'arm64', machine: 'aarch64' },
]

/** Whether this machine runs the programs of that kind of machine by itself. */
export function isOwn({ node }: Architecture): boolean {
  return node === process.arch
}
