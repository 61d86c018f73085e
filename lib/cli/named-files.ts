import { checkFile } from '../files/check-file.ts'
import { type NamedFile, sameFiles } from '../files/same-file.ts'
import { type OptionKinds, UsageError } from '../options/kinds.ts'

/** The files that options name, of those which are given. */
export function namedFiles(values: Readonly<Record<string, unknown>>, kinds: OptionKinds): NamedFile[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const { file } = kinds[name] ?? {}
    if (file === undefined || value === undefined) return []
    // A queue_log may be a table instead.
    const paths = [value].flat().filter((path) => typeof path === 'string')
    return paths.map((path) => ({ by: `--${name}`, path, use: file }))
  })
}

/**
 * Looks at all files that a program is going to use, before it touches one. `-` is stdin or stdout.
 *
 * @throws FileProblem for one that is not fit for its use
 * @throws UsageError for two that are the same, also with what stdin, stdout and stderr are
 */
export function checkFiles(files: readonly NamedFile[]): void {
  for (const { path, use } of files) if (path !== '-') checkFile(path, use)
  const [fault] = sameFiles(files)
  if (fault !== undefined) throw new UsageError(fault)
}
