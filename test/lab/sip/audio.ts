import { createSocket, type Socket } from 'node:dgram'

const PACKET_MS = 20
const SAMPLES = 160
/** µ-law, loud enough that nobody takes it for silence. */
const SOUND = 0x55

/** What a call does about audio. */
export interface Sound {
  /** Where it is listened for. */
  readonly port: number
  speakTo(port: number): void
  close(): void
}

/** Of a call in which nobody speaks and nobody listens: port 9 is for what is thrown away (RFC 863). */
export const silence: Sound = { port: 9, speakTo: () => {}, close: () => {} }

/** RTP (RFC 3550) in both directions as far as Asterisk looks at it: it optimises a Local pair away once audio flows. */
export class Audio implements Sound {
  private readonly socket: Socket
  private timer: NodeJS.Timeout | undefined
  private sequence = 0

  private constructor(socket: Socket) {
    this.socket = socket
  }

  /** Takes a free port for what comes in, which is not listened to. */
  static async open(): Promise<Audio> {
    const socket = createSocket('udp4')
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject)
      socket.bind(0, '127.0.0.1', resolve)
    })
    return new Audio(socket)
  }

  get port(): number {
    return this.socket.address().port
  }

  /** Speaks to a port of Asterisk from now on. */
  speakTo(port: number): void {
    clearInterval(this.timer)
    this.timer = setInterval(() => this.socket.send(this.nextPacket(), port, '127.0.0.1'), PACKET_MS)
  }

  close(): void {
    clearInterval(this.timer)
    this.socket.close()
  }

  private nextPacket(): Buffer {
    const packet = Buffer.alloc(12 + SAMPLES, SOUND + (this.sequence % 32))
    packet.writeUInt16BE(0x8000, 0)
    packet.writeUInt16BE(this.sequence & 0xffff, 2)
    packet.writeUInt32BE((this.sequence * SAMPLES) >>> 0, 4)
    packet.writeUInt32BE(7, 8)
    this.sequence++
    return packet
  }
}

/** How a phone describes its audio: `sendonly` puts the other side on hold. */
export type Direction = 'sendrecv' | 'sendonly' | 'inactive'

let versions = 0

export function sessionDescription(port: number, direction: Direction): string {
  const lines = [
    'v=0',
    `o=- 1 ${++versions} IN IP4 127.0.0.1`,
    's=-',
    'c=IN IP4 127.0.0.1',
    't=0 0',
    `m=audio ${port} RTP/AVP 0`,
    'a=rtpmap:0 PCMU/8000',
    `a=${direction}`,
  ]
  return lines.map((line) => `${line}\r\n`).join('')
}

/** The port in a session description to which audio is to be sent. */
export function audioPortOf(description: string): number | undefined {
  const port = /^m=audio (\d+) /m.exec(description)?.[1]
  return port === undefined ? undefined : Number(port)
}
