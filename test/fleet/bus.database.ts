import { strict as assert } from 'node:assert'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { Kvm } from '@nats-io/kv'
import { FleetBus, type FleetSettings } from '../../lib/fleet/bus.ts'
import { type NatsAddress, readNatsAddress } from '../../lib/nats/address.ts'
import { NatsServers } from '../ship/nats-server.ts'

const BUCKET = 'MANY'
const LOGIN = { password: undefined, creds: undefined, ca: undefined }

describe('the settings in the bucket of a fleet', () => {
  let nats: NatsServers
  let writer: FleetBus
  let reader: FleetBus
  const open = (): Promise<FleetBus> => {
    const address = readNatsAddress(nats.address(BUCKET), { what: 'BUCKET', secret: '' })
    return FleetBus.open(address as NatsAddress, LOGIN, { replicas: 1, makes: true })
  }
  const pbxsOf = (settings: FleetSettings | undefined): Record<string, string> =>
    Object.fromEntries(settings?.pbxs ?? [])

  beforeEach(async () => {
    nats = await NatsServers.start()
    writer = await open()
    reader = await open()
    await writer.put(undefined, 'AMIUSER=tracker\n')
    for (let n = 0; n < 200; n++) await writer.put(`pbx-${n}`, `AMIPORT=${n}\n`)
  })
  afterEach(async () => {
    await writer.close()
    await reader.close()
    await nats.stop()
  })

  it('are read whole once, and then only what has changed', async () => {
    const first = await reader.changedSettings()
    assert.equal(first?.pbxs.size, 200)
    assert.equal(await reader.changedSettings(), undefined)
    await writer.put('pbx-7', 'AMIPORT=7777\n')
    await writer.put('new', 'AMIPORT=1\n')
    await writer.remove('pbx-8')
    await writer.put(undefined, 'AMIUSER=other\n')
    const { connection } = reader as unknown as { connection: { stats(): { inMsgs: number } } }
    const before = connection.stats().inMsgs
    const second = await reader.changedSettings()
    const messages = connection.stats().inMsgs - before
    assert.ok(messages < 20, `${messages} messages came`)
    const { 'pbx-8': _gone, ...others } = pbxsOf(first)
    assert.deepEqual(pbxsOf(second), { ...others, 'pbx-7': 'AMIPORT=7777\n', new: 'AMIPORT=1\n' })
    assert.equal(second?.defaults, 'AMIUSER=other\n')
    assert.equal(first.pbxs.get('pbx-7'), 'AMIPORT=7\n', 'what was read before stays as it was')
    assert.equal(await reader.changedSettings(), undefined)
    await writer.remove(undefined)
    assert.equal((await reader.changedSettings())?.defaults, undefined)
  })

  it('are read whole again where the bucket is another one', async () => {
    assert.equal((await reader.changedSettings())?.pbxs.size, 200)
    const connection = await nats.connect()
    await (await new Kvm(connection).open(BUCKET)).destroy()
    const third = await open()
    for (let n = 0; n < 300; n++) await third.put(`pbx-${n}`, 'AMIPORT=1\n')
    assert.equal((await reader.changedSettings())?.pbxs.size, 300)
    await third.close()
    await connection.close()
  })
})
