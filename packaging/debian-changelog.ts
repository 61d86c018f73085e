const WIDTH = 78

/**
 * CHANGELOG.md as Debian's tools read changelogs.
 *
 * @param maintainer `Name <address>`
 * @param date of what is not released yet
 */
export function debianChangelog(markdown: string, maintainer: string, date: Date): string {
  return markdown
    .split(/^## /m)
    .slice(1)
    .map((section) => {
      const [heading = '', ...lines] = section.split('\n')
      const [, version, day] = /^(\S+) \((?:unreleased|(\d{4}-\d\d-\d\d))\)$/.exec(heading) ?? []
      if (version === undefined) throw new Error(`CHANGELOG.md: "${heading}" is not VERSION (unreleased or YYYY-MM-DD)`)
      const items = lines.join('\n').split(/^- /m).slice(1).map(asItem)
      const at = (day === undefined ? date : new Date(day)).toUTCString().replace('GMT', '+0000')
      return `ami-track (${version}) unstable; urgency=medium\n\n${items.join('')}\n -- ${maintainer}  ${at}\n`
    })
    .join('\n')
}

function asItem(text: string): string {
  const words = text.trim().split(/\s+/)
  let line = '  *'
  let item = ''
  for (const word of words) {
    if (line.length + 1 + word.length > WIDTH) {
      item += `${line}\n`
      line = '   '
    }
    line += ` ${word}`
  }
  return `${item}${line}\n`
}
