import { EventEmitter, once } from 'node:events'
import { AmiConnection } from '../../lib/connection/connection.ts'
import type { ConnectionSettings } from '../../lib/connection/settings.ts'
import type { FakeAsterisk } from './fake-asterisk.ts'
import { RecordingLog } from './recording-log.ts'

/** The settings that reach a fake server, with limits short enough for a test. */
export function settingsFor(server: FakeAsterisk, more: Partial<ConnectionSettings> = {}): ConnectionSettings {
  return {
    host: '127.0.0.1',
    port: server.port,
    login: 'tracker',
    secret: 'tr4ck',
    auth: 'md5',
    eventMask: 'system,call,agent',
    pingIntervalMs: 10_000,
    deadPeerMs: 30_000,
    loginTimeoutMs: 5_000,
    maxWaitingBytes: 1024 * 1024,
    relistMs: 10_000,
    resynchronises: false,
    overflowEventMask: 'off',
    ...more,
  }
}

/** A connection whose stream a test reads as text. */
export class LiveConnection {
  readonly log = new RecordingLog()
  readonly connection: AmiConnection
  /** The error that ended it; undefined once it was closed. */
  readonly ended: Promise<unknown>
  private readonly changes = new EventEmitter().setMaxListeners(0)
  private received = ''

  constructor(settings: ConnectionSettings, { reads = true } = {}) {
    this.connection = new AmiConnection(settings, this.log)
    this.ended = this.connection.run().then(
      () => undefined,
      (error: unknown) => error,
    )
    if (reads) this.read()
  }

  /** What came out so far, without ticks. */
  get text(): string {
    return this.received.replace(/Event: Tick\r\n(?:.+\r\n)*\r\n/g, '')
  }

  /** What came out so far. */
  get textWithTicks(): string {
    return this.received
  }

  read(): void {
    this.connection.stream.on('data', (chunk: Buffer) => {
      this.received += chunk.toString('latin1')
      this.changes.emit('data')
    })
  }

  /** Waits until the stream holds something. */
  async until(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.received)) await once(this.changes, 'data')
  }

  async close(): Promise<void> {
    await this.connection.close()
    await this.ended
  }
}
