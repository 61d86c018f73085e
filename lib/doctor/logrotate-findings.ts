import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { type Finding, ok, wrong } from './finding.ts'

const CONFIGURATION = '/etc/logrotate.conf'
const LIMIT_MS = 10_000

/**
 * What logrotate itself says of its rules for some files, in a run that rotates nothing: for a file that two rules name it
 * says an error, and skips what stands in the file of the second rule. Nothing is found where there is no logrotate.
 */
export function logrotateFindings(files: readonly string[], configuration = CONFIGURATION): Finding[] {
  const own = new Set(files.filter((file) => existsSync(file)).flatMap((file) => [file, realpathSync(file)]))
  const { error, stderr } = spawnSync('logrotate', ['--debug', configuration], {
    encoding: 'utf8',
    timeout: LIMIT_MS,
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PATH: `${process.env.PATH ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`, LC_ALL: 'C' },
  })
  if (error !== undefined || own.size === 0) return []
  const clashes = [...stderr.matchAll(/^error: (\S+):(\d+) duplicate log entry for (.+)$/gm)]
  const findings = clashes.flatMap(([, file = '', line = '', log = '']) => {
    if (!own.has(log)) return []
    const first = patternsFor(log, stderr)
    return [
      wrong(
        'logrotate',
        `${log} has two rules${first === '' ? '' : ` (the first is for ${first})`}. The second is in line ${line} of ${file}, so logrotate skips ${file}`,
        `remove one of the two from /etc/logrotate.d, or move the log to another folder, such as /var/log/ami-track, and ` +
          'change its path in the settings',
      ),
    ]
  })
  return findings.length > 0 ? findings : [ok('logrotate', 'no file of these settings has two rules')]
}

/** The rule by which a file is rotated, as the names and patterns in it. */
function patternsFor(log: string, output: string): string {
  const rules = output.split('\nrotating pattern: ').slice(1)
  const rule = rules.find((text) => text.split('\n').includes(`considering log ${log}`)) ?? ''
  return /^(\S+)/.exec(rule)?.[1] ?? ''
}
