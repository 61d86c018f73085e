import { createGunzip, type Gunzip } from 'node:zlib'

/** Of so many bytes, what they unpack to is held at once: a thousand times as much at most. */
const SLICE_BYTES = 16 * 1024

export const GZIP_MAGIC_BYTES = 2

/** Whether a file that begins so was packed by gzip, whatever its name. */
export function isGzip(beginning: Buffer): boolean {
  return beginning[0] === 0x1f && beginning[1] === 0x8b
}

/**
 * Unpacks gzip data, also several one behind the other. Where they are cut off or damaged, what stands before goes on.
 *
 * @param onDamage told how
 */
export async function* gunzipped(
  source: AsyncIterable<Buffer>,
  onDamage: (reason: string) => void,
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip()
  const out: Buffer[] = []
  gunzip.on('data', (chunk: Buffer) => out.push(chunk))
  let isOver = false
  const over = new Promise<void>((resolve) => {
    const end = (error?: Error): void => {
      if (error !== undefined && !isOver) onDamage(error.message)
      isOver = true
      resolve()
    }
    gunzip.once('end', end).on('error', end)
  })
  try {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length && !isOver; at += SLICE_BYTES) {
        await Promise.race([over, written(gunzip, chunk.subarray(at, at + SLICE_BYTES))])
        yield* out.splice(0)
      }
      if (isOver) return
    }
    gunzip.end()
    await over
    yield* out.splice(0)
  } finally {
    gunzip.destroy()
  }
}

function written(gunzip: Gunzip, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => gunzip.write(bytes, () => resolve()))
}
