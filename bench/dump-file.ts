import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { dump } from './generate.ts'
import { sharedTemplates } from './shared-templates.ts'

export const root = fileURLToPath(new URL('../../', import.meta.url))
export const out = join(root, 'bench/out')
export const SEED = 1

const megabytes = Number(process.env.SIZE ?? 269)

/** The dump of SIZE MB, made where it is not there yet: always the same bytes. @returns its path */
export async function dumpFile(): Promise<string> {
  mkdirSync(out, { recursive: true })
  const file = join(out, `${megabytes}MB.ami`)
  if (existsSync(file)) return file
  await pipeline(
    Readable.from(dump({ templates: sharedTemplates(), bytes: megabytes * 1e6, lanes: 50, seed: SEED })),
    createWriteStream(`${file}.part`),
  )
  renameSync(`${file}.part`, file)
  return file
}
