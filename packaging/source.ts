import { execFileSync } from 'node:child_process'
import { statSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The time that everything in a package has: SOURCE_DATE_EPOCH (reproducible-builds.org), else that of the last commit;
 * outside of a clone, that of package.json.
 *
 * @throws Error if SOURCE_DATE_EPOCH is no number of seconds
 */
export function dateOfSource(root: string): Date {
  const { SOURCE_DATE_EPOCH: given } = process.env
  if (given && !/^\d+$/.test(given)) throw new Error(`SOURCE_DATE_EPOCH=${given} is no number of seconds`)
  const seconds = given || lastCommit(root, '%ct')
  return new Date((seconds ? Number(seconds) : Math.floor(statSync(join(root, 'package.json')).mtimeMs / 1000)) * 1000)
}

/**
 * Who answers for a package, as `Name <address>`: DEBFULLNAME and DEBEMAIL, which Debian's own tools read, else who made
 * the last commit.
 *
 * @throws Error if nothing of this says it
 */
export function maintainer(root: string): string {
  const { DEBFULLNAME: name, DEBEMAIL: address } = process.env
  const found = name && address ? `${name} <${address}>` : lastCommit(root, '%cn <%ce>')
  if (!found) throw new Error('who maintains the packages is not known: set DEBFULLNAME and DEBEMAIL')
  return found
}

/** Empty outside of a clone. */
function lastCommit(root: string, format: string): string {
  try {
    const said = execFileSync('git', ['log', '-1', `--format=${format}`], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    return said.toString('utf8').trim()
  } catch {
    return ''
  }
}
