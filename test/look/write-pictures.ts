import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Browser } from '../explain/browser.ts'
import { installTools } from '../lab/debian.ts'
import { amiEvent, FakeAsterisk } from '../support/fake-asterisk.ts'
import { LiveProgram } from '../support/live-program.ts'
import { root } from '../support/package.ts'
import { CELL, terminalHtml } from './terminal-html.ts'
import { Tmux } from './tmux.ts'

// Writes the pictures of status, top and tap in docs/ anew: what they show of a daemon in a real terminal.

await installTools({ tmux: 'tmux' })
const folder = mkdtempSync(join(tmpdir(), 'ami-track-pictures-'))
const control = join(folder, 'control')
const browser = new Browser()
const server = await FakeAsterisk.start()
const trackers = ['--outboundcalls', '1', '--parkedcalls', '1', '--outboundthreshold', '100']
const daemon = LiveProgram.start(server, [
  'ami-track',
  '--control',
  control,
  '--state',
  join(folder, 'state'),
  ...trackers,
])

/** Channels are called as one likes, and have a Uniqueid each. */
const uniqueids = new Map<string, string>()
function channel(prefix: string, name: string): Record<string, string> {
  const uniqueid = uniqueids.get(name) ?? `1795852191.${uniqueids.size + 1}`
  uniqueids.set(name, uniqueid)
  return { [`${prefix}Channel`]: name, [`${prefix}Uniqueid`]: uniqueid }
}
const send = (event: string, headers: Record<string, string>): void => server.send(amiEvent(event, headers))

function queueCall(queue: string, number: string, member: string, phone: string): void {
  const [caller, agent] = [`PJSIP/trunk-${number}`, `${phone}-${number}`]
  send('Newchannel', { ...channel('', caller), ChannelState: '6', CallerIDNum: number, Exten: '600' })
  send('AgentConnect', {
    ...channel('', caller),
    ...channel('Dest', agent),
    CallerIDNum: number,
    Queue: queue,
    MemberName: member,
    HoldTime: '3',
  })
  for (const one of [agent, caller])
    send('BridgeEnter', {
      ...channel('', one),
      BridgeUniqueid: `b-${number}`,
      BridgeType: 'basic',
      BridgeTechnology: 'simple_bridge',
    })
}
function outboundCall(phone: string, number: string, code: string, isAnswered: boolean): void {
  const [caller, callee] = [`${phone}-o${number}`, `PJSIP/trunk-o${number}`]
  send('Newchannel', { ...channel('', caller), ChannelState: '4', AccountCode: code, Exten: number })
  send('Newchannel', { ...channel('', callee), ChannelState: '0', Exten: '' })
  send('DialBegin', {
    ...channel('', caller),
    ...channel('Dest', callee),
    AccountCode: code,
    DialString: `${number}@trunk`,
  })
  if (isAnswered) {
    send('Newstate', { ...channel('', callee), ChannelState: '6' })
    send('DialEnd', { ...channel('', caller), ...channel('Dest', callee), DialStatus: 'ANSWER' })
    for (const one of [caller, callee])
      send('BridgeEnter', {
        ...channel('', one),
        BridgeUniqueid: `o-${number}`,
        BridgeType: 'basic',
        BridgeTechnology: 'simple_bridge',
      })
  }
}
function park(number: string, space: string): void {
  const name = `PJSIP/trunk-p${number}`
  send('Newchannel', { ...channel('', name), ChannelState: '6', CallerIDNum: number })
  send('ParkedCall', {
    ...channel('Parkee', name),
    ParkeeCallerIDNum: number,
    Parkinglot: 'default',
    ParkingSpace: space,
  })
}

const isHeld =
  (count: number) =>
  (text: string): boolean =>
    (text.match(/^on hold /gm) ?? []).length === count

async function picture(name: string, terminal: Tmux, columns: number, rows: number, shown = rows): Promise<void> {
  const [width, height] = [Math.ceil(columns * CELL.width) + 24, shown * CELL.height + 24]
  await browser.open(terminalHtml(terminal.screen(true).slice(0, shown)), { width, height })
  writeFileSync(join(root, 'docs', `live-${name}.png`), await browser.picture())
  terminal.close()
}

const program = (words: string): string => `${join(root, 'bin/ami-track')} ${words} --control ${control}`

try {
  await server.session()
  // Dialled, and ringing once the threshold is over.
  outboundCall('PJSIP/1004', '5557001', 'sales', true)
  outboundCall('PJSIP/1007', '5557002', '', false)
  queueCall('support', '5551000', 'Jane Doe', 'PJSIP/1001')
  queueCall('support', '5551001', 'Ken Adams', 'PJSIP/1002')
  queueCall('sales', '5551002', 'Zoë Núñez', 'PJSIP/1003')
  park('5552000', '701')
  park('5552001', '702')
  const tap = new Tmux(folder, 100, 12)
  tap.type(`clear; ${program('tap --agent "Jane Doe"')}`, 'Enter')
  // A tap that is there is told of the next event.
  const hold = (phone: string): void => send('Hold', channel('', phone))
  for (let told = false; !told; told = /holds/.test(tap.screen().join('\n'))) {
    hold('PJSIP/1001-5551000')
    await new Promise((turn) => setTimeout(turn, 200))
    if (!/holds/.test(tap.screen().join('\n'))) send('Unhold', channel('', 'PJSIP/1001-5551000'))
  }
  send('Unhold', channel('', 'PJSIP/1001-5551000'))
  await tap.until((text) => /CALLEROFFHOLD/.test(text))
  hold('PJSIP/1001-5551000')
  await tap.until((text) => (text.match(/CALLERONHOLD/g) ?? []).length === 2)
  await picture('tap', tap, 100, 12)
  hold('PJSIP/1003-5551002')
  for (const [columns, rows] of [
    [80, 24],
    [200, 50],
  ] as const) {
    const top = new Tmux(folder, columns, rows)
    top.type(`clear; ${program('top')}`, 'Enter')
    await top.until(isHeld(2))
    await picture(`top-${columns}x${rows}`, top, columns, rows)
  }
  const status = new Tmux(folder, 112, 10)
  // Without the prompt behind it.
  status.type(`clear; ${program('status')}; exec cat`, 'Enter')
  await status.until((text) => /^state /m.test(text))
  await picture('status', status, 112, 10)
} finally {
  await daemon.stop()
  await server.stop()
  await browser.close()
  rmSync(folder, { recursive: true })
}
