import { copyFileSync, lutimesSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Architecture } from './architectures.ts'
import { Completion } from './completion.ts'
import { helpPages } from './help-pages.ts'
import { manualPage } from './manual.ts'
import { trackerSettings } from './tracker-settings.ts'

/** What is the same in both kinds of packages. */
export interface Product {
  /** The top of the repository. */
  root: string
  version: string
  /** Of the source: the same source gives the same files. */
  date: Date
  /** `Name <address>` */
  maintainer: string
  description: Description
  programs: readonly string[]
  architecture: Architecture
  executable: string
  /** The texts of all that is in the executable. */
  licences: string
}

/** What a package says of itself. */
export interface Description {
  summary: string
  /** Lines of up to 80 characters, without blank ones. */
  text: string
}

/** Where the kinds of packages differ. */
export interface Layout {
  settings: string
  zshCompletions: string
}

/** A file of packaging/files, with the words between @ filled in. */
export function filled(root: string, name: string, words: Readonly<Record<string, string>>): string {
  const text = readFileSync(join(root, 'packaging/files', name), 'utf8')
  return text.replace(/@([A-Z_]+)@/g, (whole, word: string) => words[word] ?? whole)
}

/** What the scripts of both kinds of packages do when they install one. */
export function scriptWords(root: string, settings: string): Record<string, string> {
  return {
    SETTINGS: settings,
    CREATE_USER: filled(root, 'create-user.sh', {}).trimEnd(),
    OLD_LOG: filled(root, 'old-log.sh', { SETTINGS: settings }).trimEnd(),
  }
}

/** Writes a file below a folder. */
export function placeIn(tree: string, path: string, content: string | Buffer, mode = 0o644): void {
  const file = join(tree, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, content, { mode })
}

/** Gives everything below a folder one time: the last step, as a folder changes when something is put into it. */
export function setTimes(tree: string, date: Date): void {
  for (const entry of readdirSync(tree, { recursive: true, withFileTypes: true })) {
    lutimesSync(join(entry.parentPath, entry.name), date, date)
  }
  lutimesSync(tree, date, date)
}

/** Lays out what a package installs, below a folder. */
export function layOut(tree: string, product: Product, { settings, zshCompletions }: Layout): void {
  const { root, version, date, programs, executable } = product
  const place = (path: string, content: string | Buffer, mode?: number): void => placeIn(tree, path, content, mode)
  const words = { SETTINGS: settings, TRACKERS: trackerSettings() }
  place('usr/bin/ami-track', '', 0o755)
  copyFileSync(executable, join(tree, 'usr/bin/ami-track'))
  place('usr/lib/systemd/system/ami-track.service', filled(root, 'ami-track.service', words))
  place('usr/lib/systemd/system/qlog-ship@.service', filled(root, 'qlog-ship@.service', words))
  place('usr/lib/sysusers.d/ami-track.conf', filled(root, 'sysusers.conf', words))
  place('etc/logrotate.d/ami-track', filled(root, 'logrotate', words))
  place(settings, filled(root, 'settings', words), 0o640)
  place('etc/ami-track/pbx/defaults.conf', filled(root, 'defaults.conf', words), 0o640)

  const pages = helpPages(root, programs)
  const names = pages.map(({ name }) => name)
  for (const page of pages) {
    place(`usr/share/man/man1/${page.name}.1.gz`, gzipSync(manualPage(page, { version, date, names }), { level: 9 }))
  }
  const completion = new Completion(pages)
  const folder = 'usr/share/bash-completion/completions'
  place(`${folder}/ami-track`, completion.bash())
  for (const program of programs.filter((name) => name !== 'ami-track')) {
    for (const place of ['usr/bin', folder]) symlinkSync('ami-track', join(tree, place, program))
  }
  place(`${zshCompletions}/_ami-track`, completion.zsh())

  for (const name of documents(root)) place(`usr/share/doc/ami-track/${name}`, readFileSync(join(root, name)))
}

function documents(root: string): string[] {
  const below = readdirSync(join(root, 'docs'), { recursive: true, withFileTypes: true })
  const files = below.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return ['CHANGELOG.md', 'README.md', ...files.map((file) => relative(root, file)).sort()]
}
