import { readFileSync } from 'node:fs'
import { FakeAsterisk } from '../support/fake-asterisk.ts'
import { fixture } from '../support/fixtures.ts'
import { freePort } from '../support/free-port.ts'
import { LiveProgram } from '../support/live-program.ts'
import { eventsOf, play, type Recorded } from '../support/recording-player.ts'

const ALL = ['--outboundcalls', '1', '--parkedcalls', '1', '--hotdesking', '1']

/** A recorded call, which is played as far as a test wants. */
export class RecordedCall {
  private readonly events: readonly Recorded[]
  private next = 0

  /** @param change what is different from the recording: the names in it, say */
  constructor(name: string, change: (dump: string) => string = (dump) => dump) {
    const dump = readFileSync(fixture(name).amiFile, 'latin1')
    // What a login is told is told once.
    this.events = eventsOf(Buffer.from(change(dump), 'latin1')).filter(({ event }) => event !== 'FullyBooted')
  }

  /**
   * Plays on as fast as it was recorded, up to the next event of this name, or to its end.
   *
   * @param agoMs as if it had been so long ago
   */
  async playUntil(server: FakeAsterisk, name?: string, agoMs = 0): Promise<void> {
    const rest = this.events.slice(this.next)
    const found = rest.findIndex(({ event }, n) => n > 0 && event === name)
    if (name !== undefined && found < 0) throw new Error(`no ${name} follows`)
    const part = found < 0 ? rest : rest.slice(0, found)
    this.next += part.length
    await play(part, ({ bytes }) => server.send(agoMs === 0 ? bytes : earlier(bytes, agoMs)))
  }
}

function earlier(bytes: Buffer, ms: number): Buffer {
  const text = bytes.toString('latin1')
  const stamped = text.replace(/^Timestamp: (.*)$/m, (_, at) => `Timestamp: ${(Number(at) - ms / 1000).toFixed(6)}`)
  return Buffer.from(stamped, 'latin1')
}

/** A server and a daemon that follows it, with the page of the open calls. */
export class LiveScene {
  readonly server: FakeAsterisk
  readonly port: number
  private readonly options: readonly string[]
  daemon: LiveProgram

  private constructor(server: FakeAsterisk, port: number, options: readonly string[]) {
    this.server = server
    this.port = port
    this.options = options
    this.daemon = this.start()
  }

  static async begin(...options: string[]): Promise<LiveScene> {
    const scene = new LiveScene(await FakeAsterisk.start(), await freePort(), options)
    await scene.server.session()
    return scene
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/`
  }

  async kill(): Promise<void> {
    this.daemon.signal('SIGKILL')
    await this.daemon.ended
  }

  async startAgain(): Promise<void> {
    this.daemon = this.start()
    await this.server.session()
  }

  async end(): Promise<void> {
    await this.kill()
    await this.server.stop()
  }

  private start(): LiveProgram {
    const live = ['--live', `127.0.0.1:${this.port}`]
    return LiveProgram.start(this.server, ['ami-track', ...ALL, ...live, ...this.options])
  }
}
