import { spawnSync } from 'node:child_process'
import { UsageError } from '../options/kinds.ts'

/** The user of the packages' service. */
export const SERVICE_USER = 'ami-track'

/**
 * Becomes the user as whom a service runs, with all his groups: forever, as there is no way back from there.
 *
 * @param wanted undefined: that of the packages' service, if it is there and this process is root's
 * @returns who it is now
 * @throws UsageError if there is no such user, or this process may not become him
 */
export function becomeServiceUser(wanted: string | undefined): string {
  const own = idOf(undefined, '-un') ?? `number ${process.getuid?.()}`
  if (wanted === undefined && (process.getuid?.() !== 0 || idOf(SERVICE_USER, '-u') === undefined)) return own
  const user = wanted ?? SERVICE_USER
  const [uid, gid] = [idOf(user, '-u'), idOf(user, '-g')]
  if (uid === undefined || gid === undefined) throw new UsageError(`this machine has no user ${user} (--user)`)
  if (Number(uid) === process.getuid?.()) return own
  if (process.getuid?.() !== 0) throw new UsageError(`only root can check as another user (--user ${user}): use sudo`)
  process.setgroups?.((idOf(user, '-G') ?? gid).split(' ').map(Number))
  process.setgid?.(Number(gid))
  process.setuid?.(Number(uid))
  return user
}

/** What id(1) says of a user; undefined if there is none. */
function idOf(user: string | undefined, what: '-u' | '-g' | '-G' | '-un'): string | undefined {
  const { status, stdout } = spawnSync('id', [what, ...(user === undefined ? [] : ['--', user])], { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}
