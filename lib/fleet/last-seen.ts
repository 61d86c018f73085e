import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import type { FleetSettings } from './bus.ts'

/** How the file begins, so that no other file is overwritten. */
const OURS = '{"ami-track":"fleet 1",'

/** What a member knows of its fleet. */
export interface SeenFleet {
  /** Of the PBXs that it follows, and of no others. */
  readonly settings: FleetSettings
  /** Who was there. */
  readonly members: readonly string[]
}

/**
 * A file with what a member has seen last of its fleet: a process that starts while the bus is away goes on with that.
 */
export class LastSeen {
  private readonly path: string
  private readonly bus: string
  private kept = ''

  /** @param bus the name of the bus: what was seen of another one is of no use */
  constructor(path: string, bus: string) {
    this.path = path
    this.bus = bus
  }

  /** Undefined if nothing was seen, or it cannot be read. */
  read(): SeenFleet | undefined {
    try {
      const text = readFileSync(this.path, 'utf8')
      const { bus, defaults, pbxs, members } = JSON.parse(text)
      if (!text.startsWith(OURS) || bus !== this.bus || !areTexts(members) || !areTexts(Object.values(pbxs))) {
        return undefined
      }
      const settings = {
        defaults: typeof defaults === 'string' ? defaults : undefined,
        pbxs: new Map(Object.entries<string>(pbxs)),
        misnamed: [],
      }
      return { settings, members }
    } catch {
      return undefined
    }
  }

  /** @throws Error if it cannot be written, or another program's file is in its place */
  keep({ settings: { defaults, pbxs }, members }: SeenFleet): void {
    const seen = { bus: this.bus, defaults, members, pbxs: Object.fromEntries(pbxs) }
    const text = `${OURS}${JSON.stringify(seen).slice(1)}\n`
    if (text === this.kept) return
    const before = readIfThere(this.path)
    if (before !== undefined && !before.startsWith(OURS)) throw new Error(`${this.path} is not a file of ami-track`)
    // Whole at once: a process that is killed leaves the one or the other.
    writeFileSync(`${this.path}.new`, text, { mode: 0o600 })
    renameSync(`${this.path}.new`, this.path)
    this.kept = text
  }
}

function areTexts(values: unknown): values is string[] {
  return Array.isArray(values) && values.every((value) => typeof value === 'string')
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
