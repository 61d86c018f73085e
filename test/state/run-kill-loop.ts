import { killLoop } from './kill-loop.ts'

/** `make kill-loop`: KILLS=200 kills for each of SEEDS=1,2,3, then as many resets of the connection. */

const kills = Number(process.env.KILLS ?? 200)
const seeds = (process.env.SEEDS ?? '1,2,3').split(',').map(Number)

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

for (const by of ['kill', 'reset'] as const) {
  for (const seed of seeds) {
    await killLoop({ kills, seed, by, onProgress: (text) => say(`  ${text}`) })
    say(`${kills} times ${by}, seed ${seed}: every line is there once`)
  }
}
