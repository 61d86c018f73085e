import { appendFileSync } from 'node:fs'

/** Preloaded into each program of a measured pipe: writes the peak of its memory where the bench looks for it. */
process.on('exit', () => {
  const file = process.env.BENCH_MEMORY_FILE
  if (file !== undefined) appendFileSync(file, `${process.resourceUsage().maxRSS * 1024}\n`)
})
