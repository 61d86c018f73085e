import { MultiBar } from 'cli-progress'
import { drawsOnBottomRow } from '../text/bottom-row.ts'
import type { FileSource } from './file-source.ts'

const FRAMES_PER_S = 10
/** The time that is left follows from the rate of so many s. */
const RATE_OF_S = 10
const ERASE_ROW = '\r\u001b[K'

/**
 * Draws how much of a file is read, how fast, and how long the rest takes.
 *
 * A MultiBar of one bar: a SingleBar puts the cursor back where it was at first, into lines that were written since.
 *
 * @param startedAt when reading began: ms of performance.now()
 * @returns takes it away
 */
export function drawProgressBar(file: Pick<FileSource, 'size' | 'bytesRead'>, startedAt: number): () => void {
  const bars = new MultiBar({
    stream: process.stderr,
    format: '[{bar}] {percentage} % of {megabytes} MB, {rate} MB/s, {eta_formatted} left',
    formatTime: (seconds) => clock(Number(seconds)),
    barsize: 30,
    fps: FRAMES_PER_S,
    etaBuffer: RATE_OF_S * FRAMES_PER_S,
    // What is too long is cut: the terminal's own way with long lines is left alone, lest a kill leave it changed.
    linewrap: true,
    // It may have been taken away meanwhile.
    forceRedraw: true,
    clearOnComplete: true,
  })
  const bar = bars.create(file.size, file.bytesRead, { megabytes: Math.round(file.size / 1e6) })
  bars.on('update-pre', () => {
    const rate = file.bytesRead / 1000 / (performance.now() - startedAt)
    bar.update(Math.min(file.bytesRead, file.size), { rate: rate.toFixed(rate < 10 ? 1 : 0) })
  })
  bars.update()
  const end = (): void => {
    process.off('exit', end)
    drawsOnBottomRow(undefined)
    bars.stop()
  }
  process.on('exit', end)
  drawsOnBottomRow(() => process.stderr.write(ERASE_ROW))
  return end
}

/** `0:07`, `1:02:03`; nobody knows before something was read twice. */
function clock(seconds: number): string {
  if (!Number.isFinite(seconds)) return '?'
  const [h, min, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  const twoDigits = (part: number): string => String(part).padStart(2, '0')
  return h > 0 ? `${h}:${twoDigits(min)}:${twoDigits(s)}` : `${min}:${twoDigits(s)}`
}
