import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundle } from './bundle.ts'

/** What Node's executable looks for to find out whether it carries a program (its manual, "Single executable applications"). */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/** glibc, and the runtime of the compiler, which is there wherever apt or dnf is. */
const LIBRARIES = /^(lib(c|m|dl|pthread|rt|stdc\+\+|gcc_s)\.so\.\d+|ld-linux.*)$/

/**
 * Makes the one executable of a package: the Node that runs this, with all programs inside.
 *
 * @throws Error if that Node needs other libraries
 */
export async function makeExecutable(root: string, folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true })
  const executable = join(folder, 'ami-track')
  const others = neededLibraries(process.execPath).filter((name) => !LIBRARIES.test(name))
  if (others.length > 0) {
    throw new Error(`${process.execPath} needs ${others.join(', ')}: packages are built with the Node of nodejs.org`)
  }
  await bundle(root, join(folder, 'programs.cjs'))
  // Without a path of this machine in it.
  const settings = {
    main: 'programs.cjs',
    output: 'programs.blob',
    disableExperimentalSEAWarning: true,
    useCodeCache: true,
  }
  writeFileSync(join(folder, 'sea.json'), JSON.stringify(settings))
  execFileSync(process.execPath, ['--experimental-sea-config', 'sea.json'], { cwd: folder, stdio: ['ignore', 2, 2] })
  copyFileSync(process.execPath, executable)
  execFileSync('strip', [executable], { stdio: ['ignore', 2, 2] })
  const arguments_ = [executable, 'NODE_SEA_BLOB', join(folder, 'programs.blob'), '--sentinel-fuse', FUSE]
  execFileSync(join(root, 'node_modules/.bin/postject'), arguments_, { stdio: 'ignore' })
  chmodSync(executable, 0o755)
  return executable
}

function neededLibraries(executable: string): string[] {
  const dynamic = execFileSync('readelf', ['--dynamic', executable], { encoding: 'utf8' })
  return [...dynamic.matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name = '']) => name)
}
