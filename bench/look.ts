import { get } from 'node:http'
import { setPriority } from 'node:os'

/**
 * Looks at the page of a daemon as often as is asked for: reads its events, and does nothing with them. Sends a message when
 * all have got the first of them, and one with what they got when it is told to end.
 */

const [place = '', count = '1'] = process.argv.slice(2)
setPriority(10)
let bytes = 0
let lost = 0
let begun = 0
for (let n = 0; n < Number(count); n++) {
  const asked = get(`http://${place}/v1/events`, { agent: false }, (response) => {
    response.once('data', () => {
      if (++begun === Number(count)) process.send?.({ begun })
    })
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    response.on('error', () => {})
    response.on('close', () => lost++)
  })
  asked.on('error', (error) => {
    throw error
  })
}
process.on('message', () => process.send?.({ bytes, lost }, () => process.exit()))
