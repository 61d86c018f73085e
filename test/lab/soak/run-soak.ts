import { serverNamed } from '../servers.ts'
import { soak } from './soak.ts'

/** `make soak`: RATE=20 calls a second for MINUTES=30 on SERVER=asterisk-22, SEED=… for the same calls once more. */

const { RATE = '20', MINUTES = '30', SERVER, SEED = String(Date.now() % 1e9) } = process.env

try {
  const { figures, differences } = await soak({
    entry: serverNamed(SERVER || 'asterisk-22'),
    rate: Number(RATE),
    minutes: Number(MINUTES),
    seed: Number(SEED),
    onProgress: (text) => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`),
  })
  process.stdout.write(`${figures.join('\n')}\n`)
  for (const difference of differences) process.stderr.write(`make soak: ${difference}\n`)
  process.exitCode = differences.length === 0 ? 0 : 1
} catch (error) {
  process.stderr.write(`make soak: ${(error as Error).message}\n`)
  process.exitCode = 1
}
