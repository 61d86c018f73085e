import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NatsServers } from '../ship/nats-server.ts'
import { FakeAsterisk, type FakeSession } from '../support/fake-asterisk.ts'
import { LiveProgram } from '../support/live-program.ts'
import { type PipeResult, runPipe } from '../support/programs.ts'

const BUCKET = 'PBXS'
const SECRET = 'tr4ck'

/** A fleet at work: real members and servers of NATS, and PBXs that are not real. */
export class FleetStage {
  readonly nats: NatsServers
  readonly pbxs = new Map<string, FakeAsterisk>()
  /** Those that were started, the dead ones too. */
  readonly members: LiveProgram[] = []
  private readonly folder = mkdtempSync(join(tmpdir(), 'ami-track-fleet-'))

  private constructor(nats: NatsServers) {
    this.nats = nats
  }

  /** @param servers how many there are of NATS */
  static async open(pbxs: readonly string[], servers = 1): Promise<FleetStage> {
    const stage = new FleetStage(await NatsServers.start(servers))
    for (const name of pbxs) await stage.addPbx(name)
    const first = await stage.fleet('put', 'defaults', '-').text('AMIUSER=tracker\n')
    if (first.codes.at(-1) !== 0) throw new Error(first.stderr)
    for (const [name, { port }] of stage.pbxs) await stage.fleet('put', name, '-').text(`AMIPORT=${port}\n`)
    return stage
  }

  /** The address of the bus, by other ports where it goes through something else. */
  address(hosts: readonly string[] = this.nats.hosts): string {
    return `nats://${hosts.join(',')}/${BUCKET}`
  }

  /** `ami-track fleet …`, with what it reads on stdin. */
  fleet(...words: string[]): { text: (stdin: string) => Promise<PipeResult> } {
    const replicas = String(this.nats.count)
    const command = ['ami-track', 'fleet', ...words, '--fleet', this.address(), '--replicas', replicas]
    return { text: (stdin) => runPipe([['printf', '%s', stdin], command]) }
  }

  /** A further PBX, of which the bus does not know. */
  async addPbx(name: string): Promise<FakeAsterisk> {
    const server = await FakeAsterisk.start()
    server.userEvents = 'seen'
    server.bootManner = 'booted'
    this.pbxs.set(name, server)
    return server
  }

  pbx(name: string): FakeAsterisk {
    const server = this.pbxs.get(name)
    if (server === undefined) throw new Error(`there is no PBX ${name}`)
    return server
  }

  /**
   * Starts a member.
   *
   * @param hosts by which it comes to the bus
   * @param state what its folder of states is called
   */
  member(name: string, { hosts, state = name }: { hosts?: readonly string[]; state?: string } = {}): LiveProgram {
    const options = ['--fleet', this.address(hosts), '--member', name, '--state', join(this.folder, state)]
    const replicas = ['--replicas', String(this.nats.count)]
    const member = LiveProgram.startAlone(['ami-track', ...options, ...replicas], { AMISECRET: SECRET })
    this.members.push(member)
    return member
  }

  async close(): Promise<void> {
    for (const member of this.members) {
      member.signal('SIGCONT')
      member.signal('SIGKILL')
      await member.ended
    }
    for (const server of this.pbxs.values()) await server.stop()
    await this.nats.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** The process ids of the members that are logged in on a PBX. */
export function followersAt(server: FakeAsterisk): number[] {
  return server.loggedIn.map(pidOf).filter((pid) => pid !== undefined)
}

/** The process id of a member: it says it in its signs of life. */
export function pidOf(session: FakeSession): number | undefined {
  const beat = session.actions.find((action) => action.get('action') === 'UserEvent')
  const [, pid] = /process (\d+)/.exec(beat?.get('place') ?? '') ?? []
  return pid === undefined ? undefined : Number(pid)
}
