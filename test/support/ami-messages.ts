/** An event as Asterisk sends it. @param stamp ms since the epoch, where timestampevents=yes */
export function amiEvent(event: string, headers: Readonly<Record<string, string>> = {}, stamp?: number): Buffer {
  const timestamp = stamp === undefined ? [] : [['Timestamp', (stamp / 1000).toFixed(6)]]
  return amiMessage([['Event', event], ['Privilege', 'call,all'], ...timestamp, ...Object.entries(headers)])
}

export function amiMessage(headers: readonly (readonly string[])[]): Buffer {
  return Buffer.from(`${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`)
}
