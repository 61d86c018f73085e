import { holdsSecret, quoted, UsageError } from '../options/kinds.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import { readCommandLine, SECRETS } from './options.ts'
import { readSettings, SETTINGS } from './settings.ts'

/**
 * `ami-track settings FILE [KEY]`: what is read from a settings file, a KEY=value a line, or the value of one key. A
 * secret is not shown.
 *
 * @throws UsageError if there is no file, more than one key, or a key that does not exist
 */
export async function showSettings(argv: readonly string[]): Promise<void> {
  const [path, wanted, ...rest] = readCommandLine(argv, {}).operands
  if (path === undefined) throw new UsageError('a settings file is missing: ami-track settings FILE [KEY]')
  if (rest.length > 0) throw new UsageError('settings takes a file, and one key at most')
  if (wanted !== undefined && !Object.hasOwn(SETTINGS, wanted)) {
    throw new UsageError(`there is no key ${quoted(wanted)}${didYouMean(wanted, Object.keys(SETTINGS))}`)
  }
  const settings = readSettings(path, (text) => process.stderr.write(`ami-track: ${text}\n`))
  for (const { key, text: value } of settings.values()) {
    if ((wanted ?? key) !== key) continue
    const isSecret = holdsSecret(value) || SECRETS.some(({ variable }) => variable === key)
    const text = isSecret ? '…' : value
    process.stdout.write(wanted === undefined ? `${key}=${text}\n` : `${text}\n`)
  }
}
