import type { FileSource } from './file-source.ts'
import { isPipe } from './input.ts'

/** What is read in no time: bytes. */
const SMALL_BYTES = 1024 * 1024
/** Who has waited for so long wants to know for how long still: ms. */
const PATIENCE_MS = 1000

/**
 * Shows how far a file is read, on stderr, once that has taken a while.
 *
 * Only for eyes: not where stderr is no terminal. Nor where stdout is a pipe: the program behind it (less, grep) may write
 * to the same terminal, and would not do so above the bar.
 *
 * @returns ends it
 */
export function showProgress(file: Pick<FileSource, 'size' | 'bytesRead'>): () => void {
  if (file.size < SMALL_BYTES || !process.stderr.isTTY || process.env.TERM === 'dumb' || isPipe(1)) return () => {}
  const startedAt = performance.now()
  let isOver = false
  let end = (): void => {}
  const timer = setTimeout(async () => {
    const { drawProgressBar } = await import('./progress-bar.ts')
    if (!isOver) end = drawProgressBar(file, startedAt)
  }, PATIENCE_MS)
  return () => {
    isOver = true
    clearTimeout(timer)
    end()
  }
}
