import { strict as assert } from 'node:assert'
import { describe, it } from 'node:test'
import { channelNameOf, interfaceOf } from '../../lib/ami/channel-name.ts'

const names: readonly [name: string, technology: string, resource: string, suffix: string, half: string][] = [
  ['PJSIP/1001-0000002a', 'PJSIP', '1001', '0000002a', ''],
  ['PJSIP/acme-berlin-0000002a', 'PJSIP', 'acme-berlin', '0000002a', ''],
  ['SCCP/101-0000001A', 'SCCP', '101', '0000001A', ''],
  ['IAX2/pbx.example.com:4569-2', 'IAX2', 'pbx.example.com:4569', '2', ''],
  ['DAHDI/i1/5550001-1a', 'DAHDI', 'i1/5550001', '1a', ''],
  ['mISDN/1-u12', 'mISDN', '1', 'u12', ''],
  ['Local/1002@from-queue-00000001;2', 'Local', '1002@from-queue', '00000001', '2'],
  ['Console/dsp', 'Console', 'dsp', '', ''],
  ['', '', '', '', ''],
]

describe('the name of a channel', () => {
  for (const [name, technology, resource, suffix, half] of names) {
    it(`is taken apart at its last dash: ${name || '(empty)'}`, () => {
      assert.deepEqual(channelNameOf(name), { technology, resource, suffix, half })
      assert.equal(interfaceOf(name), technology === '' ? resource : `${technology}/${resource}`)
    })
  }
})
