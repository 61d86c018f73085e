import { execFileSync } from 'node:child_process'

/** What a package needs of the system: symbols up to a version, which came with that version of Debian's package. */
const NEEDS = [
  { symbols: 'GLIBC', version: '2.28', dependency: 'libc6 (>= 2.28)' },
  { symbols: 'GCC', version: '3.4', dependency: 'libgcc-s1 (>= 3.4)' },
  { symbols: 'GLIBCXX', version: '3.4.24', dependency: 'libstdc++6 (>= 7.2)' },
  { symbols: 'CXXABI', version: '1.3.11', dependency: 'libstdc++6 (>= 7.2)' },
]

/** The libraries of these packages. */
const LIBRARIES = /^(lib(c|m|dl|pthread|rt|stdc\+\+|gcc_s)\.so\.\d+|ld-linux.*)$/

/** What a package depends on, for Debian. */
export const DEPENDS = [...new Set(NEEDS.map(({ dependency }) => dependency))].join(', ')

/**
 * Proves that an executable needs no more than the package says: glibc, and the runtime of the compiler, which is there
 * wherever apt or dnf is.
 *
 * @throws Error if it needs another library, or a newer one
 */
export function checkNeeds(executable: string): void {
  const read = (what: string): string =>
    execFileSync('readelf', [what, '--wide', executable], { encoding: 'utf8', maxBuffer: 1 << 26 })
  const libraries = [...read('--dynamic').matchAll(/\(NEEDED\).*\[(.*)\]/g)].map(([, name = '']) => name)
  const others = libraries.filter((name) => !LIBRARIES.test(name))
  const symbols = [...read('--version-info').matchAll(/\b([A-Z]+)_(\d+(?:\.\d+)+)\b/g)]
  for (const { symbols: family, version } of NEEDS) {
    const newer = symbols.filter(([, name, needed = '']) => name === family && isNewer(needed, version))
    others.push(...new Set(newer.map(([symbol]) => symbol)))
  }
  if (others.length > 0) throw new Error(`${executable} needs ${others.join(', ')}, which packages do not ask for`)
}

function isNewer(version: string, than: string): boolean {
  return version.localeCompare(than, 'en', { numeric: true }) > 0
}
