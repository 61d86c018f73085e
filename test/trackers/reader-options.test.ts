import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { trackOptions } from '../../lib/cli/track-options.ts'
import type { OptionKinds } from '../../lib/options/kinds.ts'
import { trackers } from '../../lib/trackers/table.ts'
import { Tracking } from '../../lib/trackers/tracking.ts'
import { Scene } from '../support/scene.ts'
import { assertLines, trackingOf } from '../support/tracking.ts'

const AGENT = 'PJSIP/1001-00000001'
const TRUNK = 'PJSIP/trunk-00000002'
const SECOND_TRUNK = 'PJSIP/trunk-00000003'
const PARKEE = 'PJSIP/trunk-00000004'

type Values = Record<string, unknown>

const gives = async (...scene: Parameters<typeof assertLines>): Promise<void> => {
  await assertLines(...scene)
}
const outbound = (values: Values) => (): Tracking => trackingOf('track-outbound', values as never)
const parked = (values: Values) => (): Tracking => trackingOf('track-parked', values as never)
const kinds: OptionKinds = trackOptions
/** Options as they are typed. */
const typed = (texts: Record<string, string>): Values =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, kinds[name]?.read(name, text)]))

const dialled = (more: Record<string, string> = {}): Scene =>
  new Scene().at(1).create(AGENT, '95550001').dial(AGENT, TRUNK, more)
const wholeCall = (more: Record<string, string> = {}): Scene =>
  dialled(more).at(3).answered(AGENT, TRUNK).at(7).hangupRequest(AGENT).hangup(AGENT, TRUNK)

const CALL = `:<${AGENT}>|q-outbound`
const ADD = '1|MANAGER|q-outbound|PJSIP/1001|ADDMEMBER|'
const REMOVE = '7|MANAGER|q-outbound|PJSIP/1001|REMOVEMEMBER|'
const ENTRY = `1|${CALL}|NONE|ENTERQUEUE||95550001|1`
const CALLOUT = `1|${CALL}|PJSIP/1001|CALLOUTBOUND||95550001`
const TALK = [`3|${CALL}|PJSIP/1001|CONNECT|2|<${TRUNK}>|2`, `7|${CALL}|PJSIP/1001|COMPLETEAGENT|2|4|1`]

describe('--outboundverb', () => {
  it('callout, the default, begins a call with CALLOUTBOUND', () =>
    gives(outbound({}), wholeCall(), [ADD, CALLOUT, ...TALK, REMOVE]))

  it('enterqueue begins it with ENTERQUEUE of nobody, in its place', () =>
    gives(outbound({ outboundverb: 'enterqueue' }), wholeCall(), [ADD, ENTRY, ...TALK, REMOVE]))

  it('both begins it with ENTERQUEUE, then CALLOUTBOUND', () =>
    gives(outbound({ outboundverb: 'both' }), wholeCall(), [ADD, ENTRY, CALLOUT, ...TALK, REMOVE]))

  it('leaves the number empty where none is known, and its column there', () => {
    const scene = new Scene().at(1).create(AGENT, 's').dial(AGENT, TRUNK).at(7).hangup(TRUNK, AGENT)
    return gives(outbound({ outboundverb: 'both' }), scene, [
      ADD,
      `1|${CALL}|NONE|ENTERQUEUE|||1`,
      `1|${CALL}|PJSIP/1001|CALLOUTBOUND||`,
      `7|${CALL}|PJSIP/1001|ABANDON|1|1|6`,
      REMOVE,
    ])
  })

  it('lets track-moh know of the call, whichever verb it begins with', async () => {
    const chain = (outboundverb: string) => (): Tracking =>
      new Tracking(
        trackers.filter(({ program }) => program === 'track-outbound' || program === 'track-moh'),
        { outboundverb } as never,
      )
    const scene = dialled().at(3).answered(AGENT, TRUNK).at(4).hold(AGENT).at(6).unhold(AGENT)
    scene.at(7).hangupRequest(AGENT).hangup(AGENT, TRUNK)
    for (const [verb, begin] of [
      ['callout', [CALLOUT]],
      ['enterqueue', [ENTRY]],
      ['both', [ENTRY, CALLOUT]],
    ] as const) {
      const [connect = '', end = ''] = TALK
      const holds = [`4|${CALL}|PJSIP/1001|CALLERONHOLD|`, `6|${CALL}|PJSIP/1001|CALLEROFFHOLD|`]
      await assertLines(chain(verb), scene, [ADD, ...begin, connect, ...holds, end, REMOVE])
    }
  })
})

describe('--joinlines 0', () => {
  it('leaves out ADDMEMBER and REMOVEMEMBER of outbound calls', () =>
    gives(outbound({ joinlines: false }), wholeCall(), [CALLOUT, ...TALK]))

  it('leaves them out of parked calls as well', () => {
    const scene = new Scene().at(1).parking('ParkedCall', PARKEE).enterLot('lot', PARKEE)
    scene.at(4).retrieve(PARKEE, AGENT).leave('lot', PARKEE).enter('talk', PARKEE).enter('talk', AGENT)
    scene.at(9).hangupRequest(AGENT).leave('talk', AGENT).leave('talk', PARKEE).hangup(PARKEE, AGENT)
    return gives(parked({ joinlines: false }), scene, [
      `1|:<${PARKEE}>|pk-default|NONE|ENTERQUEUE||701-5551000|1`,
      `4|:<${PARKEE}>|pk-default|PJSIP/1001|CONNECT|3|<${AGENT}>|0`,
      `9|:<${PARKEE}>|pk-default|PJSIP/1001|COMPLETEAGENT|3|5|1`,
    ])
  })

  it('an outbound call that is parked is closed before it enters the lot, without the REMOVEMEMBER that tells so else', async () => {
    const scene = dialled().at(3).answered(AGENT, TRUNK)
    // ParkedCall arrives a moment before the transfer that closes the call.
    scene.at(7).parking('ParkedCall', TRUNK).leave('talk', TRUNK).enterLot('lot', TRUNK)
    scene.at(7.05).blindTransfer(AGENT, TRUNK, '700').leave('talk', AGENT).hangup(AGENT)
    scene.at(12).parking('ParkedCallGiveUp', TRUNK).leave('lot', TRUNK).hangup(TRUNK)
    const both = (values: Values) => (): Tracking =>
      new Tracking(
        trackers.filter(({ program }) => program === 'track-outbound' || program === 'track-parked'),
        values as never,
      )
    const [connect = ''] = TALK
    const closed = `7|${CALL}|PJSIP/1001|BLINDTRANSFER|700|from-internal|2|4|1`
    const inLot = [
      `7|:<${TRUNK}>|pk-default|NONE|ENTERQUEUE||701-5551000|1`,
      `12|:<${TRUNK}>|pk-default|NONE|ABANDON|1|1|5`,
    ]
    await assertLines(both({}), scene, [ADD, CALLOUT, connect, closed, REMOVE, ...inLot])
    const tracking = await assertLines(both({ joinlines: false }), scene, [CALLOUT, connect, closed, ...inLot])
    assert.equal(tracking.size, 0, 'entries left')
  })

  it('leaves the lines of hotdesking alone: those are of real queues', () => {
    const scene = new Scene().at(1).event('QueueMemberAdded', {
      Queue: 'support',
      MemberName: 'joe',
      Interface: 'PJSIP/1001',
    })
    const all = (): Tracking => new Tracking(trackers, { joinlines: false } as never)
    return gives(all, scene, [
      '1|MANAGER|support|PJSIP/1001|REMOVEMEMBER|',
      '1|MANAGER|support|joe|HOTDESKING|PJSIP/1001',
      '1|MANAGER|support|joe|ADDMEMBER|',
    ])
  })
})

describe('--parkinglabel 0', () => {
  const parking = (more: Record<string, string>): Scene =>
    new Scene()
      .at(1)
      .parking('ParkedCall', PARKEE, more)
      .enterLot('lot', PARKEE)
      .at(4)
      .parking('ParkedCallGiveUp', PARKEE, more)
      .leave('lot', PARKEE)
      .hangup(PARKEE)
  const lines = (label: string): string[] => [
    `1|:<${PARKEE}>|pk-default|NONE|ENTERQUEUE||${label}|1`,
    `4|:<${PARKEE}>|pk-default|NONE|ABANDON|1|1|3`,
  ]

  it('writes the number of the parked caller alone', () =>
    gives(parked({ parkinglabel: false }), parking({}), lines('5551000')))

  it('writes none where the caller has none, as Asterisk does: two parkings are two spaces, but one number', () =>
    gives(parked({ parkinglabel: false }), parking({ ParkeeCallerIDNum: '<unknown>' }), lines('')))

  it('with 1, the default, the space stands before the number, or alone', async () => {
    await assertLines(parked({}), parking({}), lines('701-5551000'))
    await assertLines(parked({}), parking({ ParkeeCallerIDNum: '<unknown>' }), lines('701'))
  })
})

describe('--outbound-channels, --outbound-numbers and --outbound-contexts', () => {
  const CONTEXT = { Context: 'from-internal' }
  const ALL = [ADD, CALLOUT, ...TALK, REMOVE]
  const assertTracked = async (options: Record<string, string>, isTracked: boolean): Promise<void> => {
    const tracking = await assertLines(outbound(typed(options)), wholeCall(CONTEXT), isTracked ? ALL : [])
    assert.equal(tracking.size, 0, 'entries left')
  }

  it('track the calls whose channel, number or context matches, and no other', async () => {
    await assertTracked({ 'outbound-channels': '^PJSIP/1' }, true)
    await assertTracked({ 'outbound-channels': '^SIP/' }, false)
    await assertTracked({ 'outbound-numbers': '^9' }, true)
    await assertTracked({ 'outbound-numbers': '^0' }, false)
    await assertTracked({ 'outbound-contexts': '^from-internal$' }, true)
    await assertTracked({ 'outbound-contexts': '^from-trunk' }, false)
  })

  it('with ! it is the other way round', async () => {
    await assertTracked({ 'outbound-channels': '!^PJSIP/1' }, false)
    await assertTracked({ 'outbound-channels': '!^PJSIP/trunk' }, true)
    await assertTracked({ 'outbound-numbers': '!^9' }, false)
    await assertTracked({ 'outbound-contexts': '!^from-trunk' }, true)
  })

  it('are all to match where several are given', async () => {
    await assertTracked(
      { 'outbound-channels': '^PJSIP', 'outbound-numbers': '^9', 'outbound-contexts': '!trunk' },
      true,
    )
    await assertTracked({ 'outbound-channels': '^PJSIP', 'outbound-numbers': '^0' }, false)
  })

  it('are in the syntax of RE2, as --hidden-channels', () =>
    assertTracked({ 'outbound-channels': '!(?i)^pjsip/1' }, false))

  it('a call that is left out stays so through a second trunk, an answer and a hold', async () => {
    const scene = dialled(CONTEXT).at(2).dialEnd(AGENT, TRUNK, 'BUSY').hangup(TRUNK).dial(AGENT, SECOND_TRUNK, CONTEXT)
    scene.at(4).answered(AGENT, SECOND_TRUNK).at(5).hold(AGENT).at(6).unhold(AGENT)
    scene.at(9).hangupRequest(AGENT).hangup(AGENT, SECOND_TRUNK)
    const all = (): Tracking => new Tracking(trackers, typed({ 'outbound-channels': '!^PJSIP/1001' }) as never)
    const tracking = await assertLines(all, scene, [])
    assert.equal(tracking.size, 0, 'entries left')
  })

  it('that is left out and never answered has no ABANDON', async () => {
    const scene = dialled(CONTEXT).at(6).hangup(TRUNK, AGENT)
    const tracking = await assertLines(outbound(typed({ 'outbound-numbers': '!^9' })), scene, [])
    assert.equal(tracking.size, 0, 'entries left')
  })

  it('decide by the context of the first dial', async () => {
    const scene = dialled({ Context: 'first' }).at(2).dialEnd(AGENT, TRUNK, 'BUSY').hangup(TRUNK)
    scene.dial(AGENT, SECOND_TRUNK, { Context: 'second' }).at(6).hangup(SECOND_TRUNK, AGENT)
    const lines = [ADD, CALLOUT, `6|${CALL}|PJSIP/1001|ABANDON|1|1|5`, REMOVE.replace('7', '6')]
    await assertLines(outbound(typed({ 'outbound-contexts': '^first$' })), scene, lines)
    await assertLines(outbound(typed({ 'outbound-contexts': '^second$' })), scene, [])
  })

  it('do not touch hidden channels: those are tracked, on _q-…', () => {
    const options = typed({ 'outbound-channels': '^PJSIP', 'hidden-channels': '^PJSIP' })
    const hidden = [ADD, CALLOUT, ...TALK, REMOVE].map((line) => line.replace('q-outbound', '_q-outbound'))
    return gives(outbound(options), wholeCall(CONTEXT), hidden)
  })
})
