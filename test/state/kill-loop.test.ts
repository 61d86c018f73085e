import { describe, it } from 'node:test'
import { runsOf } from '../support/sample.ts'
import { killLoop } from './kill-loop.ts'

describe('a daemon that keeps its state', () => {
  const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e6))

  it(`writes each line once, however often it is killed (seed ${seed})`, () =>
    killLoop({ kills: runsOf(15), seed, by: 'kill' }))
})
