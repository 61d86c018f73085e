import { strict as assert } from 'node:assert'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { dump, fill, readTemplate, type Template } from '../../bench/generate.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { linesWithOwnTimes } from '../support/chains.ts'
import { allFixtures, fixturesSideBySide } from '../support/fixtures.ts'
import { runsOf } from '../support/sample.ts'

/** Members are counted over all calls of an agent, so these lines are not those of one call. */
function withoutMembersOfTrackedCalls(lines: readonly string[]): string[] {
  return lines.filter((line) => !/^\d+\|MANAGER\|(pk-|_?q-)/.test(line))
}

describe('the trackers, for any recordings', () => {
  it('give call by call the same lines however many calls run at once', async () => {
    const templates: Template[] = []
    for (const { name, amiFile } of fixturesSideBySide()) {
      if (hasCompleteWithoutChannels(readFileSync(amiFile, 'latin1'))) continue
      const lines = await linesWithOwnTimes(amiFile, trackers)
      templates.push(readTemplate(name, amiFile, withoutMembersOfTrackedCalls(lines)))
    }
    const someTemplates = fc.uniqueArray(fc.nat({ max: templates.length - 1 }), { minLength: 2, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(someTemplates, fc.nat(), fc.integer({ min: 2, max: 40 }), async (places, seed, lanes) => {
        const some = places.map((place) => templates[place] as Template)
        const expected: string[] = []
        const onCopy: NonNullable<Parameters<typeof dump>[0]['onCopy']> = ({ lines }, copy) => {
          for (const line of lines) expected.push(`${copy.start + line.time / 1e6}${fill(line, copy)}`)
        }
        const chunks = dump({ templates: some, bytes: 300_000, lanes, seed, onCopy })
        const lines = await linesWithOwnTimes(chunks, trackers)
        assert.deepEqual(withoutMembersOfTrackedCalls(lines).sort(), expected.sort())
      }),
      { numRuns: runsOf(60) },
    )
  })

  it('give the same lines with one model of calls as with one each, whatever is missing, repeated or cut off', async () => {
    const recordings = allFixtures().map(({ amiFile }) => partsOf(readFileSync(amiFile, 'latin1')))
    await fc.assert(
      fc.asyncProperty(
        fc.nat({ max: recordings.length - 1 }),
        fc.constantFrom(0, 0.02, 0.2),
        fc.constantFrom(...Object.values(MISFORTUNES)),
        fc.infiniteStream(fc.nat()),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        async (place, missing, misfortune, random, chances) => {
          const chance = (): number => chances.next().value as number
          const whole = permuted(recordings[place] as Recording, random).filter(() => chance() >= missing)
          const messages = misfortune(whole, chance)
          const one = await linesWithOwnTimes([bytesOf(messages)], trackers, { mayRemember: true })
          const each = await linesWithOwnTimes([bytesOf(messages)], trackers, {
            mayRemember: true,
            apart: true,
          })
          assert.deepEqual(one, each)
        },
      ),
      { numRuns: runsOf(300) },
    )
  })

  it('give the same lines in whatever order the parking, bridge and music events of a millisecond come', async () => {
    const recordings = allFixtures().map(({ amiFile, name }) => ({ name, ...partsOf(readFileSync(amiFile, 'latin1')) }))
    for (const recording of recordings) {
      const expected = await linesWithOwnTimes([bytesOf(recording.messages)], trackers)
      await fc.assert(
        fc.asyncProperty(fc.infiniteStream(fc.nat()), async (random) => {
          const lines = await linesWithOwnTimes([bytesOf(permuted(recording, random))], trackers)
          assert.deepEqual(lines, expected, recording.name)
        }),
        { numRuns: 8 },
      )
    }
  })
})

/**
 * Asterisk forgets the channels in an AgentComplete once in a while. Here one member has calls in many lanes at once, as no
 * member of a real queue has: which of them such an event ends nobody can tell.
 */
function hasCompleteWithoutChannels(recording: string): boolean {
  return partsOf(recording).messages.some(
    (message) => message.startsWith('Event: AgentComplete\r\n') && !message.includes('\r\nUniqueid: '),
  )
}

/** What a stream may go through, besides gaps. */
const MISFORTUNES: Record<string, (messages: string[], chance: () => number) => string[]> = {
  none: (messages) => messages,
  shutdown: (messages, chance) => {
    const at = Math.floor(chance() * messages.length)
    const stamp = /^Timestamp: .*$/m.exec(messages[at] ?? '')?.[0] ?? 'Timestamp: 1795373360.000000'
    return [...messages.slice(0, at), `Event: Shutdown\r\nPrivilege: system,all\r\n${stamp}`, ...messages.slice(at)]
  },
  'the same Uniqueids again': (messages) => [...messages, ...messages],
  'some messages twice': (messages, chance) => messages.flatMap((one) => (chance() < 0.1 ? [one, one] : [one])),
  'no Hangup': (messages) => messages.filter((one) => !one.startsWith('Event: Hangup\r')),
}

interface Recording {
  messages: string[]
  /**
   * The places in `messages` of events that share a millisecond, where there are several. AgentComplete parts them:
   * whether music stopped before or after the end of the call does make a difference.
   */
  groups: number[][]
}

const MOVABLE = /^Event: (Bridge|MusicOnHold|ParkedCall|UnParkedCall)/

function partsOf(recording: string): Recording {
  const messages = recording.split('\r\n\r\n').slice(0, -1)
  const byMillisecond = new Map<string, number[]>()
  let completed = 0
  for (const [place, message] of messages.entries()) {
    if (message.startsWith('Event: AgentComplete')) completed++
    const stamp = /^Timestamp: (\d+\.\d{3})/m.exec(message)?.[1]
    if (stamp === undefined || !MOVABLE.test(message)) continue
    const key = `${stamp} ${completed}`
    byMillisecond.set(key, [...(byMillisecond.get(key) ?? []), place])
  }
  return { messages, groups: [...byMillisecond.values()].filter(({ length }) => length > 1) }
}

function permuted({ messages, groups }: Recording, random: Iterator<number>): string[] {
  const result = [...messages]
  for (const places of groups) {
    const left = places.map((place) => messages[place] as string)
    for (const place of places) {
      const [taken] = left.splice((random.next().value as number) % left.length, 1)
      result[place] = taken as string
    }
  }
  return result
}

function bytesOf(messages: readonly string[]): Buffer {
  return Buffer.from(messages.map((message) => `${message}\r\n\r\n`).join(''), 'latin1')
}
