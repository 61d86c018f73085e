import type { JetStreamManager } from '@nats-io/jetstream'
import type { KV, KvWatchEntry } from '@nats-io/kv'
import type { NatsConnection, QueuedIterator } from '@nats-io/transport-node'
import type { NatsAddress } from '../nats/address.ts'
import { connectTo, type NatsLogin, NO_SUCH_STREAM } from '../nats/link.ts'
import { isPbxName } from '../text/pbx-name.ts'

/** A server that does not answer an action for so long, in ms, is asked again later. */
const ANSWER_MS = 1000
/** The entry of a member that is not renewed passes away after so long, in ms. */
const MEMBER_TTL_MS = 1500
/** The bucket is read within this time, in ms. */
const READ_MS = 5000
const UNREAD = 'the bucket could not be read completely'
/** Below it the settings of PBXs stand in the bucket. */
const PBX_PREFIX = 'pbx/'
/** What all PBXs have in common. */
const DEFAULTS_KEY = 'defaults'

/** What the bucket says. */
export interface FleetSettings {
  /** undefined if nothing is in common. */
  readonly defaults: string | undefined
  /** The settings of each PBX, by its name: as they would stand in its file. */
  readonly pbxs: ReadonlyMap<string, string>
  /** What another program has put there under a name that no PBX can have. */
  readonly misnamed: readonly string[]
}

/** Settings as they are read, entry by entry. */
class ReadSettings implements FleetSettings {
  defaults: string | undefined
  readonly pbxs: Map<string, string>
  private readonly othersNames: Set<string>

  /** @param before what was read before; it stays as it is */
  constructor(before?: FleetSettings) {
    this.defaults = before?.defaults
    this.pbxs = new Map(before?.pbxs)
    this.othersNames = new Set(before?.misnamed)
  }

  get misnamed(): readonly string[] {
    return [...this.othersNames]
  }

  take(entry: KvWatchEntry): void {
    const isThere = entry.operation === 'PUT'
    if (entry.key === DEFAULTS_KEY) this.defaults = isThere ? entry.string() : undefined
    if (!entry.key.startsWith(PBX_PREFIX)) return
    const name = entry.key.slice(PBX_PREFIX.length)
    if (!isThere) {
      this.pbxs.delete(name)
      this.othersNames.delete(name)
    } else if (isPbxName(name)) this.pbxs.set(name, entry.string())
    else this.othersNames.add(name)
  }
}

/** Who is on the bus. */
export interface MemberEntry {
  readonly name: string
  /** A process: another one of the same name has another. */
  readonly instance: string
  readonly host: string
  readonly pid: number
  /** How many PBXs it follows. */
  readonly pbxs: number
}

/**
 * The bus of a fleet: a bucket of JetStream's key-value store with the settings of all PBXs, and one with its members, whose
 * entries pass away. Storage, replication and the passing away are those of the server.
 */
export class FleetBus {
  /** As messages call it. */
  readonly name: string
  private readonly connection: NatsConnection
  private readonly manager: JetStreamManager
  private readonly settings: KV
  private readonly membership: KV
  private readonly bucket: string
  /** What was read last, up to which revision of which stream. */
  private read: { created: string; revision: number; settings: FleetSettings } | undefined

  private constructor(
    name: string,
    connection: NatsConnection,
    manager: JetStreamManager,
    { settings, membership }: { settings: KV; membership: KV },
    bucket: string,
  ) {
    this.name = name
    this.connection = connection
    this.manager = manager
    this.settings = settings
    this.membership = membership
    this.bucket = bucket
  }

  /**
   * Connects. A connection that is lost is made again.
   *
   * @param replicas on how many servers of a cluster buckets are kept that are made
   * @param makes whether the bucket of the settings is made where it is missing. A member makes none: an empty one would
   *   have all members leave their PBXs
   * @throws Error if no server answers, or there is no bucket; Hopeless if they do not let us in
   */
  static async open(
    address: NatsAddress,
    login: NatsLogin,
    { replicas, makes = false }: { replicas: number; makes?: boolean },
  ): Promise<FleetBus> {
    const { name: bucket, servers } = address
    const connection = await connectTo(address, login, true)
    try {
      const { jetstream, jetstreamManager } = await import('@nats-io/jetstream')
      const { Kvm } = await import('@nats-io/kv')
      const manager = await jetstreamManager(connection, { timeout: ANSWER_MS })
      const store = new Kvm(jetstream(connection, { timeout: ANSWER_MS }))
      if (!makes) await assertThere(manager, bucket)
      const buckets = {
        settings: await store.create(bucket, { replicas, history: 1 }),
        membership: await store.create(membersOf(bucket), { replicas, history: 1, ttl: MEMBER_TTL_MS }),
      }
      return new FleetBus(`nats://${servers.join(',')}/${bucket}`, connection, manager, buckets, bucket)
    } catch (error) {
      await connection.close()
      throw error
    }
  }

  /**
   * Says for the first time that a member is there.
   *
   * @throws Error if another one of the name is
   */
  async come({ name, ...entry }: MemberEntry): Promise<void> {
    await this.membership.create(name, JSON.stringify(entry))
  }

  /** Says that a member is there: until the entry passes away. */
  async beat({ name, ...entry }: MemberEntry): Promise<void> {
    await this.membership.put(name, JSON.stringify(entry))
  }

  /** The names of the members that are there now. */
  async members(): Promise<string[]> {
    const bucket = membersOf(this.bucket)
    const { state } = await this.manager.streams.info(streamOf(bucket), { subjects_filter: '>' })
    return Object.keys(state.subjects ?? {}).map((subject) => subject.slice(subjectOf(bucket, '').length))
  }

  /** @returns undefined if it is not there */
  async member(name: string): Promise<MemberEntry | undefined> {
    const entry = await this.membership.get(name)
    if (entry?.operation !== 'PUT') return undefined
    try {
      return { name, ...entry.json<Omit<MemberEntry, 'name'>>() }
    } catch {
      // Another program has put it there.
      return { name, instance: '', host: '', pid: 0, pbxs: 0 }
    }
  }

  /** Takes the entry of a member away. */
  async leave(name: string): Promise<void> {
    const bucket = membersOf(this.bucket)
    await this.manager.streams.purge(streamOf(bucket), { filter: subjectOf(bucket, name) })
  }

  /**
   * What the bucket says, if that has changed since it was asked last; undefined if not. Only what has changed is read: of
   * a thousand members, each would read a thousand settings for the change of one.
   *
   * @throws Error if it could not be read to its end: what was not read is not gone
   */
  async changedSettings(): Promise<FleetSettings | undefined> {
    const { created, state } = await this.manager.streams.info(streamOf(this.bucket))
    const { read } = this
    if (read?.created === created && read.revision === state.last_seq) return undefined
    const goesOn = read?.created === created && read.revision < state.last_seq
    this.read = undefined
    const settings = goesOn
      ? await this.readOn(read.settings, read.revision + 1, state.last_seq)
      : await this.readSettings(state.messages)
    this.read = { created, revision: state.last_seq, settings }
    return settings
  }

  /**
   * All that the bucket says.
   *
   * @param least how many entries there are at least
   * @throws Error if it could not be read to its end: what was not read is not gone
   */
  async readSettings(least = 0): Promise<FleetSettings> {
    const settings = new ReadSettings()
    // What comes while it is read is read the next time.
    const count = await this.readEntries(await this.settings.history(), (entry) => settings.take(entry))
    if (count < least) throw new Error(UNREAD)
    return settings
  }

  /** What was read, with the changes of some revisions. */
  private async readOn(before: FleetSettings, from: number, to: number): Promise<FleetSettings> {
    const settings = new ReadSettings(before)
    const entries = await this.settings.watch({ include: 'history', resumeFromRevision: from })
    await this.readEntries(entries, (entry) => {
      settings.take(entry)
      if (entry.revision >= to) entries.stop()
    })
    return settings
  }

  /** @returns how many there were */
  private async readEntries(
    entries: QueuedIterator<KvWatchEntry>,
    take: (entry: KvWatchEntry) => void,
  ): Promise<number> {
    let count = 0
    const late = setTimeout(() => entries.stop(new Error(UNREAD)), READ_MS)
    try {
      for await (const entry of entries) {
        count++
        take(entry)
      }
    } finally {
      clearTimeout(late)
    }
    return count
  }

  /** @param name of a PBX; undefined for what all have in common */
  async put(name: string | undefined, text: string): Promise<void> {
    await this.settings.put(keyOf(name), text)
  }

  /** @returns undefined if there is none */
  async get(name: string | undefined): Promise<string | undefined> {
    const entry = await this.settings.get(keyOf(name))
    return entry?.operation === 'PUT' ? entry.string() : undefined
  }

  async remove(name: string | undefined): Promise<void> {
    await this.settings.purge(keyOf(name))
  }

  async close(): Promise<void> {
    await this.connection.close()
  }
}

function membersOf(bucket: string): string {
  return `${bucket}_members`
}

/** The stream in which JetStream keeps a bucket. */
function streamOf(bucket: string): string {
  return `KV_${bucket}`
}

/** The subject of a key of a bucket. */
function subjectOf(bucket: string, key: string): string {
  return `$KV.${bucket}.${key}`
}

function keyOf(name: string | undefined): string {
  return name === undefined ? DEFAULTS_KEY : `${PBX_PREFIX}${name}`
}

async function assertThere(manager: JetStreamManager, bucket: string): Promise<void> {
  try {
    await manager.streams.info(streamOf(bucket))
  } catch (error) {
    if ((error as { code?: number }).code !== NO_SUCH_STREAM) throw error
    throw new Error(`the bucket ${bucket} does not exist yet: ami-track fleet put creates it`)
  }
}
