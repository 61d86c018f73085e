import { userInfo } from 'node:os'
import { dirname, resolve } from 'node:path'
import { getSystemErrorMap } from 'node:util'

export interface FileProblemOptions {
  /** What could not be done with the file: `opened` if it is not given. */
  cannotBe?: string
  /** Whether the file is read, and not written. */
  isRead?: boolean
  /** What a service can do as well: `set LOGFILE=/var/log/ami-track/ami-track.log`. */
  inService?: string
  /** Of the process; a test has another. */
  environment?: NodeJS.ProcessEnv
}

/** What a code means to a person; of others, the words of the system are good enough. */
const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is not a folder',
  EISDIR: 'it is a folder',
  ELOOP: 'its symbolic links form a circle',
  ENAMETOOLONG: 'the name is too long',
  ENXIO: 'it is a pipe, a socket or a device, and no program serves it',
  EEXIST: 'something with this name already exists',
  EXDEV: 'it cannot be moved to another file system',
  ETXTBSY: 'it is a running program',
}

/** A file that is not of the kind, or does not hold what it should: the reason in words. */
export class UnfitFile extends Error {}

/** These do not pass by themselves. A full disk or too many open files may. */
const PERMANENT: ReadonlySet<string> = new Set(Object.keys(MEANINGS))

/** What a service gets where its unit does not let it write. */
const REFUSALS: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS'])

/** ProtectHome= hides these, and ReadWritePaths= does not bring them back. */
const HIDDEN_FROM_SERVICES = /^\/(home|root|run\/user)(\/|$)/

/**
 * A file that cannot be used: what happened, to which file, and what to do, in one line for a person. A service of
 * systemd may write only where its unit says so: there the message names `ReadWritePaths=`.
 */
export class FileProblem extends Error {
  /** Whether another attempt with the same settings would fail as well. */
  readonly isPermanent: boolean

  /**
   * @param error what node:fs threw
   * @param path the file, as it was named
   * @param what what the file is to the program: `the log`, `the pid file`
   */
  constructor(error: unknown, path: string, what: string, options: FileProblemOptions = {}) {
    const { cannotBe = 'opened' } = options
    super(`${what} ${path} cannot be ${cannotBe}: ${reasonOf(error)}${remedyOf(error, path, options)}`, {
      cause: error,
    })
    this.name = 'FileProblem'
    this.isPermanent = error instanceof UnfitFile || PERMANENT.has(codeOf(error))
  }
}

/** What an error of node:fs means, with its code: `permission denied (EACCES)`. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error)
  const { message = String(error), errno = 0 } = error as Partial<NodeJS.ErrnoException>
  const meaning = MEANINGS[code] ?? getSystemErrorMap().get(errno)?.[1]
  return meaning === undefined ? message : `${meaning} (${code})`
}

function codeOf(error: unknown): string {
  return (error as Partial<NodeJS.ErrnoException>).code ?? ''
}

function remedyOf(error: unknown, path: string, options: FileProblemOptions): string {
  const { inService, isRead = false, environment = process.env } = options
  const isService = (environment.INVOCATION_ID ?? environment.NOTIFY_SOCKET) !== undefined
  const isRefused = REFUSALS.has(codeOf(error))
  const remedies = [
    ...(isService && inService !== undefined ? [inService] : []),
    ...(isRefused && isRead ? [`let ${userName()} read it`] : []),
    ...(isRefused && !isRead ? [isService ? unitThatPermits(resolve(path)) : `let ${userName()} write there`] : []),
  ]
  const [first = '', ...others] = remedies
  return first === '' ? '' : `. ${[`${first[0]?.toUpperCase()}${first.slice(1)}`, ...others].join(', or ')}`
}

function unitThatPermits(path: string): string {
  if (HIDDEN_FROM_SERVICES.test(path)) return 'choose another folder: the service cannot see the home folders of users'
  return `run "systemctl edit ami-track", add the lines [Service] and ReadWritePaths=${dirname(path)}, and let ${userName()} write there`
}

function userName(): string {
  try {
    return `the user ${userInfo().username}`
  } catch {
    return `the user with the number ${process.getuid?.()}` // it is not in passwd
  }
}
