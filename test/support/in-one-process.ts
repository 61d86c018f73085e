import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

// Starting a process for a file of tests takes longer than most of these files do.
for (const file of process.argv.slice(2)) await import(pathToFileURL(resolve(file)).href)
