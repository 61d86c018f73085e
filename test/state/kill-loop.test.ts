import { describe, it } from 'node:test'
import { killLoop } from './kill-loop.ts'

describe('a daemon that keeps its state', () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e6))

  it(`writes each line once, however often it is killed (seed ${seed})`, () =>
    killLoop({ kills: 15, seed, by: 'kill' }))
})
