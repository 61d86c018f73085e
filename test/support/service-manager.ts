import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { endOf } from './programs.ts'

/** systemd's end of the socket: prints what comes, each message with an empty line behind it. */
const LISTENER = `use IO::Socket::UNIX; $| = 1;
  my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM(), Local => $ARGV[0]) or die; print "listening\\n\\n";
  while (defined $socket->recv(my $message, 4096)) { print "$message\\n\\n" }`

/** A message of sd_notify(3), its variables by their names. */
export type Notification = Readonly<Record<string, string>>

/** Hears what services tell systemd. */
export class ServiceManager {
  private readonly listener: ChildProcess
  private readonly changes = new EventEmitter().setMaxListeners(0)
  private heard = ''
  readonly environment: { NOTIFY_SOCKET: string }

  private constructor(socket: string) {
    this.environment = { NOTIFY_SOCKET: socket }
    this.listener = spawn('perl', ['-e', LISTENER, socket], { stdio: ['ignore', 'pipe', 'inherit'] })
    this.listener.stdout?.on('data', (chunk: Buffer) => {
      this.heard += chunk.toString('utf8')
      this.changes.emit('change')
    })
  }

  /** @param socket where to listen: a file that is not there yet */
  static async listen(socket: string): Promise<ServiceManager> {
    const manager = new ServiceManager(socket)
    while (!manager.heard.startsWith('listening\n\n')) await once(manager.changes, 'change')
    return manager
  }

  /** All that came, in its order; without the signs by which systemd-notify waits until it was read. */
  get messages(): Notification[] {
    const texts = this.heard.split('\n\n').slice(1, -1)
    const messages = texts.map((text) => Object.fromEntries(text.split('\n').map(variableOf)))
    return messages.filter((message) => message.BARRIER === undefined)
  }

  /** Waits for a message, also one that came already. */
  async until(isIt: (message: Notification) => boolean): Promise<Notification> {
    for (;;) {
      const found = this.messages.find(isIt)
      if (found !== undefined) return found
      await once(this.changes, 'change')
    }
  }

  async stop(): Promise<void> {
    this.listener.kill()
    await endOf(this.listener)
  }
}

function variableOf(line: string): [string, string] {
  const at = line.indexOf('=')
  return [line.slice(0, at), line.slice(at + 1)]
}
