import {
  appendFileSync,
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { gzipSync } from 'node:zlib'

/** Lines of one second. */
const LINES_A_SECOND = 7
const BEGIN = 1_795_000_000

/** Whole numbers that look random, and are the same for a seed. */
export class Dice {
  private state: number

  constructor(seed: number) {
    this.state = (seed * 7919 + 1) % 2147483647
  }

  /** From 0 to below `sides`. */
  roll(sides: number): number {
    this.state = (this.state * 48271) % 2147483647
    return this.state % sides
  }
}

/** A queue_log that grows, and is rotated in all ways in which nothing is lost; some lines are the same as the one before. */
export class RotatingLog {
  readonly path: string
  readonly lines: string[] = []
  rotations = 0
  private readonly dice: Dice

  constructor(path: string, dice: Dice) {
    this.path = path
    this.dice = dice
    this.append(1)
  }

  append(count: number): void {
    let text = ''
    for (let n = 0; n < count; n++) {
      const number = this.lines.length
      const last = this.lines.at(-1)
      const time = BEGIN + Math.floor(number / LINES_A_SECOND)
      const isSame = last?.startsWith(`${time}|`) && this.dice.roll(10) === 0
      const line =
        isSame && last !== undefined
          ? last
          : `${time}|call-${number}|support|J\u00e4ne|CONNECT|${this.dice.roll(9)}|x|y`
      this.lines.push(line)
      text += `${line}\n`
    }
    appendFileSync(this.path, text)
  }

  rotate(): void {
    this.rotations++
    // A file is known by its first line, with its time: the next one begins with another second.
    while (this.lines.length % LINES_A_SECOND !== 0) this.append(1)
    for (let n = this.rotations; n >= 1; n--) {
      for (const end of ['', '.gz']) {
        if (existsSync(`${this.path}.${n}${end}`)) renameSync(`${this.path}.${n}${end}`, `${this.path}.${n + 1}${end}`)
      }
    }
    if (this.dice.roll(2) === 0) renameSync(this.path, `${this.path}.1`)
    else {
      copyFileSync(this.path, `${this.path}.1`)
      truncateSync(this.path)
    }
    this.append(1)
    const old = `${this.path}.3`
    if (!existsSync(old)) return
    writeFileSync(`${old}.gz.tmp`, gzipSync(readFileSync(old)))
    renameSync(`${old}.gz.tmp`, `${old}.gz`)
    unlinkSync(old)
  }
}
