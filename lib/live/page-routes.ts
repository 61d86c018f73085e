import { packageFile } from '../files/package-file.ts'
import type { Routes } from '../http/http-server.ts'

const HTML = 'text/html; charset=utf-8'
const CSS = 'text/css; charset=utf-8'
const SCRIPT = 'text/javascript; charset=utf-8'

/** So many connections may wait for an answer: each browser that loads the page makes six at once, and all do when a new version is there. */
export const MAX_LOADING = 600
const SCRIPTS = ['live', 'feed', 'login', 'news', 'picker', 'rows', 'trouble', 'view', 'words']

/** What the page is made of, by its path: the files in live-page/, and their media types. */
const PARTS: Readonly<Record<string, readonly [file: string, type: string]>> = {
  '/': ['index.html', HTML],
  '/live.css': ['live.css', CSS],
  '/wall.css': ['wall.css', CSS],
  '/icon.svg': ['icon.svg', 'image/svg+xml'],
  ...Object.fromEntries(SCRIPTS.map((name) => [`/${name}.js`, [`${name}.js`, SCRIPT]])),
}

/** The page of the open calls, its style and its script. */
export function pageRoutes(): Routes {
  return Object.fromEntries(
    Object.entries(PARTS).map(([path, [file, type]]) => {
      const text = packageFile(`live-page/${file}`)
      return [path, (_asked, reply) => reply.text(200, text, type)]
    }),
  )
}
