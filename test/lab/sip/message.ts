/** A SIP message (RFC 3261), as far as a scripted phone reads it. */
export interface SipMessage {
  /** `INVITE`, `BYE` and so on; of a response that of its request. */
  method: string
  /** The Request-URI; of a response empty. */
  uri: string
  /** The status code; of a request 0. */
  status: number
  /** Names in lower case and written out, in their order. */
  headers: readonly (readonly [name: string, value: string])[]
  body: string
}

/** The short names of headers that may come (RFC 3261, 7.3.3). */
const LONG_NAMES: Readonly<Record<string, string>> = {
  c: 'content-type',
  f: 'from',
  i: 'call-id',
  l: 'content-length',
  m: 'contact',
  t: 'to',
  v: 'via',
}

/** @returns undefined for what is not SIP, such as the empty lines that keep a NAT open */
export function parseSip(text: string): SipMessage | undefined {
  const headEnd = text.indexOf('\r\n\r\n')
  const head = headEnd < 0 ? text : text.slice(0, headEnd)
  const [first = '', ...lines] = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n')
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    return [LONG_NAMES[name] ?? name, line.slice(colon + 1).trim()]
  })
  const body = headEnd < 0 ? '' : text.slice(headEnd + 4)
  const status = /^SIP\/2\.0 (\d{3}) /.exec(`${first} `)?.[1]
  if (status !== undefined) {
    const cseq = headers.find(([name]) => name === 'cseq')?.[1] ?? ''
    return { method: cseq.split(/\s+/)[1] ?? '', uri: '', status: Number(status), headers, body }
  }
  const request = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(first)
  if (request === null) return undefined
  return { method: request[1] ?? '', uri: request[2] ?? '', status: 0, headers, body }
}

/** The first header of a name, which is given in lower case. */
export function headerOf(message: SipMessage, name: string): string {
  return message.headers.find(([other]) => other === name)?.[1] ?? ''
}

/** A message as bytes on the wire; Content-Length is added. @param startLine `BYE sip:… SIP/2.0` or `SIP/2.0 200 OK` */
export function formatSip(startLine: string, headers: readonly (readonly [string, string])[], body = ''): string {
  const all = [...headers, ['Content-Length', String(Buffer.byteLength(body))] as const]
  return `${startLine}\r\n${all.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}

/** The tag of a From or To header. */
export function tagOf(value: string): string | undefined {
  return /;\s*tag=([^;>\s]+)\s*(?:;[^>"]*)?$/i.exec(value)?.[1]
}

/** The URI of a From, To or Contact header. */
export function uriOf(value: string): string {
  return /<([^>]+)>/.exec(value)?.[1] ?? value.split(';')[0]?.trim() ?? ''
}
