import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Architecture } from './architectures.ts'
import { embeddedNode, runNode } from './embedded-node.ts'
import { checkNeeds } from './needs.ts'

/** What Node's executable looks for to find out whether it carries a program (its manual, "Single executable applications"). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/** Without a path of this machine in it. */
const SETTINGS = {
  main: 'programs.cjs',
  output: 'programs.blob',
  disableExperimentalSEAWarning: true,
  // Compiled code takes a quarter off the start. It is for the Node and the machine that compiled it.
  useCodeCache: true,
  // NODE_OPTIONS has no say, and SIGUSR1 opens no debugger.
  execArgvExtension: 'none',
  execArgv: ['--disable-sigusr1'],
}

/**
 * Makes the one executable of a package: Node, with all programs inside.
 *
 * @param folder where programs.cjs is, and where the executable is put
 * @throws Error if Node is of another version than npm says, or needs other libraries
 */
export function makeExecutable(root: string, folder: string, architecture: Architecture): string {
  const { version, executable: node } = embeddedNode(root, architecture)
  const found = runNode(node, architecture, ['--version'], folder).trim()
  if (found !== `v${version}`) throw new Error(`${node} is Node ${found} and not v${version}`)
  checkNeeds(node)
  writeFileSync(join(folder, 'sea.json'), JSON.stringify(SETTINGS))
  // The seed: the compiled code has hashes of strings in it, and the same source has to give the same bytes.
  runNode(node, architecture, ['--random-seed=1', '--experimental-sea-config', 'sea.json'], folder)
  const executable = join(folder, 'ami-track')
  copyFileSync(node, executable)
  execFileSync(`${architecture.machine}-linux-gnu-strip`, [executable], { stdio: ['ignore', 2, 2] })
  const arguments_ = [executable, 'NODE_SEA_BLOB', join(folder, SETTINGS.output), '--sentinel-fuse', FUSE]
  execFileSync(process.execPath, [join(root, 'node_modules/.bin/postject'), ...arguments_], { stdio: 'ignore' })
  chmodSync(executable, 0o755)
  return executable
}
