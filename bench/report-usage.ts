import { appendFileSync } from 'node:fs'

/** What a process used: the peak of its memory in bytes, and the seconds of processor time of its user and system. */
export interface Usage {
  peakBytes: number
  cpuSeconds: number
}

/** Preloaded into each program that is measured: writes what it used where the bench looks for it. */
process.on('exit', () => {
  const file = process.env.BENCH_USAGE_FILE
  if (file === undefined) return
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage()
  const usage: Usage = { peakBytes: maxRSS * 1024, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6 }
  appendFileSync(file, `${JSON.stringify(usage)}\n`)
})
