import { type Finding, isWrong, ok, someOf, wrong } from '../doctor/finding.ts'
import { jsonOf, textOf } from '../doctor/view.ts'
import { FileProblem } from '../files/file-problem.ts'
import { UsageError } from '../options/kinds.ts'
import { EXIT } from '../text/exit.ts'
import { hasColours } from './colours.ts'
import type { Setting } from './settings.ts'
import { type FolderFile, readSettingsFolder, withKeys } from './settings-folder.ts'

/** So many are examined at the same time: each takes some seconds, and most of that is waiting. */
const AT_ONCE = 50

const CORRECT = 'correct its file'

/** What is found of one PBX of a folder. */
type Examine = (name: string, settings: ReadonlyMap<string, Setting>) => Promise<Finding[]>

interface Examined {
  name: string
  findings: readonly Finding[]
}

/** What is shown besides the findings of each, and how. */
interface Shown {
  /** Whether every finding is a line of JSON, with the name of its PBX. */
  isJson: boolean
  /** What is found of no PBX. */
  others: () => Promise<Finding[]>
}

/**
 * `ami-track doctor --settings DIR`: examines all PBXs of a folder, and shows what is not right with each, and how many are
 * well. The exit code is 1 if anything is wrong.
 */
export async function examineSet(folder: string, examine: Examine, { isJson, others }: Shown): Promise<void> {
  const { files, remarks } = readSettingsFolder(folder)
  for (const remark of remarks) process.stderr.write(`ami-track: ${remark}\n`)
  const examined = await inParts(files, AT_ONCE, (file) => findingsOf(file, examine))
  const found = await others()
  const troubled = examined.filter(({ findings }) => findings.some(isWrong))
  if (isJson) {
    for (const { name, findings } of examined) {
      for (const finding of findings) process.stdout.write(jsonOf(finding, name))
    }
    for (const finding of found) process.stdout.write(jsonOf(finding))
  } else {
    const colours = hasColours()
    for (const { name, findings } of examined) {
      const told = findings.filter(({ state }) => state !== 'ok')
      if (told.length === 0) continue
      process.stdout.write(`${name}:\n${told.map((finding) => textOf(finding, colours)).join('')}\n`)
    }
    const shown = [...found.filter(({ state }) => state !== 'ok'), summaryOf(examined.length, troubled)]
    process.stdout.write(shown.map((finding) => textOf(finding, colours)).join(''))
  }
  process.exitCode = troubled.length === 0 && !found.some(isWrong) ? EXIT.ok : EXIT.failed
}

async function findingsOf({ name, settings }: FolderFile, examine: Examine): Promise<Examined> {
  if (!(settings instanceof Map)) return { name, findings: [wrong('settings', settings.fault, CORRECT)] }
  try {
    return { name, findings: await examine(name, settings) }
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof FileProblem)) throw error
    return { name, findings: [wrong('settings', withKeys(error.message), CORRECT)] }
  }
}

function summaryOf(count: number, troubled: readonly Examined[]): Finding {
  if (count === 0) return wrong('PBXs', 'the folder has no PBX', 'make a file NAME.conf in the folder for each PBX')
  if (troubled.length === 0) return ok('PBXs', `all ${count} are fine`)
  return wrong(
    'PBXs',
    `${troubled.length} of ${count} have a problem: ${someOf(troubled.map(({ name }) => name))}`,
    'see above what to do for each of them',
  )
}

/** Does something with each, with so many at the same time. */
async function inParts<T, R>(all: readonly T[], atOnce: number, what: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const work = async (): Promise<void> => {
    while (next < all.length) {
      const at = next++
      results[at] = await what(all[at] as T)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return results
}
