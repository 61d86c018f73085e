import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { randomNumbers } from '../../bench/generate.ts'
import { HeaderMessage } from '../../lib/ami/message.ts'
import { tickAt } from '../../lib/ami/own-events.ts'
import { AmiParser, AmiStreamError } from '../../lib/ami/parser.ts'
import { anonymizeStage } from '../../lib/explain/anonymize-stage.ts'
import { Explainer } from '../../lib/explain/explainer.ts'
import type { Batch } from '../../lib/records/record.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { allFixtures } from '../support/fixtures.ts'
import { otherOptions, typedValue } from '../support/other-options.ts'
import { LineChecks } from './line-checks.ts'
import { mutated, pick } from './mutations.ts'

/**
 * `make fuzz`: recordings with faults in them through the parser, the model, all trackers (with some options at random), explain
 * and anonymize. PACKETS says how many, SEED which, SECONDS for how long at most.
 */
const { PACKETS = '1000000', SEED = String(Date.now() % 1e9), SECONDS = 'Infinity' } = process.env
const HEAP_BYTES = 300e6

const random = randomNumbers(Number(SEED))
const recordings = allFixtures().map(({ amiFile }) => readFileSync(amiFile, 'latin1').split('\r\n\r\n').slice(0, -1))

function lastTime(bytes: Buffer): number {
  const stamps = [...bytes.toString('latin1').matchAll(/^Timestamp: (\d{10})\./gm)].map(([, seconds]) =>
    Number(seconds),
  )
  return Math.max(0, ...stamps) * 1000
}

/** A stream, to its end: nothing may be remembered once Asterisk has stopped and time has passed. */
function track(bytes: Buffer): void {
  const tracking = new Tracking(trackers, randomOptions())
  const checks = new LineChecks()
  const take = (out: Batch): void => {
    for (const record of out) if (record.kind === 'queue_log') checks.check(record)
  }
  const parser = new AmiParser(
    { tellsGaps: true },
    (message) => {
      if (message.event === 'AgentConnect') checks.connected(message.get('Uniqueid') ?? '', message.get('Queue') ?? '')
      take(tracking.pass([message]))
    },
    () => {},
  )
  feed(parser, bytes)
  take(tracking.pass([new HeaderMessage(new Map([['Event', 'Shutdown']]))]))
  const end = lastTime(bytes) + 1e6
  take(tracking.pass([tickAt(end), tickAt(end + 60_000)]))
  take(tracking.end())
  checks.allOver()
  assert.equal(tracking.size, 0, 'entries left')
}

/** Some options of trackers, at another value than their defaults. */
function randomOptions(): Record<string, unknown> {
  const some = [...otherOptions].filter(() => pick(4, random) === 0)
  return Object.fromEntries(
    some.map(([name, texts]) => [name, typedValue(name, texts[pick(texts.length, random)] as string)]),
  )
}

function explain(bytes: Buffer): void {
  const explainer = new Explainer(new Tracking(trackers), () => {})
  const parser = new AmiParser(
    { tellsGaps: true },
    (message) => explainer.pass(message),
    () => {},
  )
  feed(parser, bytes)
  explainer.end()
}

function anonymize(bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const stage = anonymizeStage({ onReport: () => {} })
    stage
      .on('data', () => {})
      .on('error', reject)
      .on('end', resolve)
    stage.end(bytes)
  })
}

function feed(parser: AmiParser, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    const next = at + 1 + pick(20_000, random)
    parser.feed(bytes.subarray(at, next))
    at = next
  }
  parser.end()
}

async function survive(bytes: Buffer): Promise<void> {
  const parts = [() => track(bytes), () => explain(bytes), () => anonymize(bytes)]
  for (const part of parts) {
    try {
      await part()
    } catch (error) {
      // The two that say so: no AMI, and AMI of an Asterisk too old.
      if (!(error instanceof AmiStreamError)) throw error
    }
  }
}

const began = performance.now()
let packets = 0
let streams = 0
while (packets < Number(PACKETS) && performance.now() - began < Number(SECONDS) * 1000) {
  const some = Array.from({ length: 1 + pick(4, random) }, () => recordings[pick(recordings.length, random)] ?? [])
  const source = some.flat()
  const bytes = mutated(source, 1 + pick(Math.ceil(source.length / 4), random), random)
  try {
    await survive(bytes)
  } catch (error) {
    process.stderr.write(`make fuzz: stream ${streams} of SEED=${SEED}: ${(error as Error).stack}\n`)
    process.exit(1)
  }
  packets += source.length
  streams++
}
globalThis.gc?.()
const heap = process.memoryUsage().heapUsed
assert.ok(heap < HEAP_BYTES, `${heap} bytes in use`)
process.stdout.write(
  `${packets} packets in ${streams} streams, SEED=${SEED}: every line is sound, ${Math.round(heap / 1e6)} MB in use\n`,
)
