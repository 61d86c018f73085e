import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'

// Starting a process for a file of tests takes longer than most of these files do. node --test gives no arguments: the variable has them.
const files = process.argv.slice(2)
for (const file of files.length > 0 ? files : (process.env.UNITS ?? '').split(' '))
  await import(pathToFileURL(resolve(file)).href)
