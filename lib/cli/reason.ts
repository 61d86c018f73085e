import { getSystemErrorMap } from 'node:util'

/** Why a file could not be opened, read or written, in the system's own words: `no such file or directory`. */
export function reasonOf(error: unknown): string {
  const { code, errno, message } = error as NodeJS.ErrnoException
  if (code === 'EISDIR') return 'it is a folder'
  return (errno === undefined ? undefined : getSystemErrorMap().get(errno)?.[1]) ?? message
}
