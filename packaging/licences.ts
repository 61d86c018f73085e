import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const RULE = `\n${'-'.repeat(80)}\n\n`
const APACHE_2 =
  /^( *)Apache License\n *Version 2\.0, January 2004\n.*?TERMS AND CONDITIONS.*?\n *END OF TERMS AND CONDITIONS$/gms

/**
 * The licences of all that is inside the executable: ours, those of the libraries, and Node's with those of what Node is
 * built with.
 *
 * @param ofNode the text that Node comes with
 */
export function licences(root: string, version: string, ofNode: string): string {
  const ours = `ami-track\n\n${readFileSync(join(root, 'LICENSE'), 'utf8')}`
  return [ours, ...ofLibraries(root), `Node.js ${version}\n\n${ofNode}`].join(RULE)
}

/** The same for a Debian, which has the text of this licence, and wants it in no package. */
export function withoutCommonLicences(text: string): string {
  return text.replace(
    APACHE_2,
    '$1The terms of the Apache License, Version 2.0, are in /usr/share/common-licenses/Apache-2.0.',
  )
}

function ofLibraries(root: string): string[] {
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
  return [...seen].sort().map((name) => {
    const file = readdirSync(join(modules, name)).find((entry) => /^licen[cs]e/i.test(entry))
    const { version, license } = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'))
    const text = file === undefined ? `${license}\n` : readFileSync(join(modules, name, file), 'utf8')
    return `${name} ${version}\n\n${text}`
  })
}
