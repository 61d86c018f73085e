import { holdsSecret, UsageError } from '../options/kinds.ts'
import { didYouMean } from '../text/did-you-mean.ts'
import { quoted } from '../text/quoted.ts'
import { readCommandLine } from './options.ts'
import { type Preset, presetOption, presets } from './presets.ts'
import { readSettings, SECRETS, SETTINGS } from './settings.ts'

/** What a settings file says, by its keys. */
type Settings = Map<string, string>

const options = { preset: presetOption() }

/**
 * `ami-track settings FILE [KEY]`: what is read from a settings file, and what its preset sets besides, a KEY=value a line,
 * or the value of one key. A secret is not shown. `ami-track settings --preset NAME`: what a preset sets, and why, as lines
 * of a settings file.
 *
 * @throws UsageError if there is neither a file nor a preset, more than one key, or a key that does not exist
 */
export async function showSettings(argv: readonly string[]): Promise<void> {
  const { values, operands } = readCommandLine(argv, options)
  const [path, wanted, ...rest] = operands
  if (path === undefined) {
    if (values.preset === undefined) throw new UsageError('a settings file is missing: ami-track settings FILE [KEY]')
    process.stdout.write(presetText(values.preset))
    return
  }
  if (rest.length > 0) throw new UsageError('settings takes a file, and one key at most')
  if (wanted !== undefined && !Object.hasOwn(SETTINGS, wanted)) {
    throw new UsageError(`there is no key ${quoted(wanted)}${didYouMean(wanted, Object.keys(SETTINGS))}`)
  }
  const settings = settingsIn(path)
  if (values.preset !== undefined) settings.set('PRESET', values.preset.name)
  addPreset(settings)
  for (const [key, text] of settings) {
    if ((wanted ?? key) === key) process.stdout.write(wanted === undefined ? `${key}=${text}\n` : `${text}\n`)
  }
}

function settingsIn(path: string): Settings {
  const read = readSettings(path, (text) => process.stderr.write(`ami-track: ${text}\n`))
  const isSecret = (key: string, text: string): boolean =>
    holdsSecret(text) || SECRETS.some(({ variable }) => variable === key)
  return new Map([...read.values()].map(({ key, text }) => [key, isSecret(key, text) ? '…' : text]))
}

/** What the file says itself counts. */
function addPreset(settings: Settings): void {
  const name = settings.get('PRESET')
  // A name that is none is told of by whoever uses the settings.
  const preset = presets.find((one) => one.name === name)
  for (const { option, value } of preset?.options ?? []) {
    const key = keyOf(option)
    if (!settings.has(key)) settings.set(key, value)
  }
}

function presetText({ reader, options: set }: Preset): string {
  return set.map(({ option, value, why }) => `# ${reader}: ${why}.\n${keyOf(option)}=${value}\n`).join('')
}

function keyOf(option: string): string {
  const key = Object.keys(SETTINGS).find((one) => SETTINGS[one] === option)
  if (key === undefined) throw new TypeError(`--${option} has no key`)
  return key
}
