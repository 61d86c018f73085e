import { copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import { Completion } from './completion.ts'
import { helpPages } from './help-pages.ts'
import { manualPage } from './manual.ts'

/** What is the same in both kinds of packages. */
export interface Product {
  /** The top of the repository. */
  root: string
  version: string
  /** Of the last commit: the same source gives the same files. */
  date: Date
  programs: readonly string[]
  executable: string
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

/** Lays out what a package installs, below a folder. */
export function layOut(tree: string, product: Product, { settings, zshCompletions }: Layout): void {
  const { root, version, date, programs, executable } = product
  const place = (path: string, content: string | Buffer, mode = 0o644): void => {
    const file = join(tree, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content, { mode })
  }
  const words = { SETTINGS: settings }
  place('usr/bin/ami-track', '', 0o755)
  copyFileSync(executable, join(tree, 'usr/bin/ami-track'))
  place('usr/lib/systemd/system/ami-track.service', filled(root, 'ami-track.service', words))
  place('usr/lib/sysusers.d/ami-track.conf', filled(root, 'sysusers.conf', words))
  place('etc/logrotate.d/ami-track', filled(root, 'logrotate', words))
  place(settings, filled(root, 'settings', words), 0o640)

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
  place('usr/share/doc/ami-track/changelog.gz', gzipSync(readFileSync(join(root, 'CHANGELOG.md')), { level: 9 }))
  place('usr/share/doc/ami-track/copyright', licences(root))
}

function documents(root: string): string[] {
  const below = readdirSync(join(root, 'docs'), { recursive: true, withFileTypes: true })
  const files = below.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return ['README.md', ...files.map((file) => relative(root, file)).sort()]
}

/** The licences of all that is inside the executable: ours, those of the libraries, and Node's. */
function licences(root: string): string {
  const { dependencies } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages['']
  const modules = join(root, 'node_modules')
  const seen = new Set<string>()
  const add = (name: string): void => {
    if (seen.has(name)) return
    seen.add(name)
    const manifest = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'))
    for (const needed of Object.keys(manifest.dependencies ?? {})) add(needed)
  }
  for (const name of Object.keys(dependencies)) add(name)
  const ofLibraries = [...seen].sort().map((name) => {
    const file = readdirSync(join(modules, name)).find((entry) => /^licen[cs]e/i.test(entry))
    const { version, license } = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'))
    const text = file === undefined ? `${license}\n` : readFileSync(join(modules, name, file), 'utf8')
    return `${name} ${version}\n\n${text}`
  })
  const node = `Node.js ${process.version}\n\nhttps://github.com/nodejs/node/blob/${process.version}/LICENSE\n`
  const rule = `\n${'-'.repeat(80)}\n\n`
  return [readFileSync(join(root, 'LICENSE'), 'utf8'), ...ofLibraries, node].join(rule)
}
