import { join } from 'node:path'
import type { ReadSet, SetSource } from '../daemon/run-set.ts'
import type { NamedFile } from '../files/same-file.ts'
import { FleetMember, type MemberOptions } from '../fleet/member.ts'
import type { Log } from '../text/log.ts'
import { PBX_NAME_FORM } from '../text/pbx-name.ts'
import { askedOf } from './follow-set.ts'
import { parseSettings, type Setting } from './settings.ts'
import { assertCommon, DEFAULTS, ofOnePbx, settingsOfPbx, TWO_WRITE } from './settings-folder.ts'

/** In the folder of the states, under a name that no PBX can have. */
const LAST_SEEN = '@fleet'

export interface FleetSourceOptions extends Omit<MemberOptions, 'log' | 'lastSeenFile'> {
  /** What the settings file of this machine says of all PBXs: those of the fleet go before it. */
  readonly local: ReadonlyMap<string, Setting>
  /** The command line. */
  readonly argv: readonly string[]
  /** The folder in which the state of each has a folder of its own. */
  readonly state: string | undefined
  /** The files that the process writes itself. */
  readonly own: readonly NamedFile[]
}

/** The settings of those PBXs of a fleet that this member follows. */
export class FleetSource implements SetSource {
  readonly whenEmpty = 'the bucket has no PBX for this member. Add one with: ami-track fleet put NAME FILE'
  private readonly options: FleetSourceOptions
  private member: FleetMember | undefined
  private remarks: readonly string[] = []

  constructor(options: FleetSourceOptions) {
    this.options = options
  }

  async open(log: Log, signal: AbortSignal): Promise<void> {
    const { state } = this.options
    const lastSeenFile = state === undefined ? undefined : join(state, LAST_SEEN)
    this.member = new FleetMember({ ...this.options, lastSeenFile, log })
    await this.member.join(signal)
  }

  read(): ReadSet {
    if (this.member === undefined) return { asked: [], remarks: [] }
    const { local, argv, state, own, address } = this.options
    const { settings, followed } = this.member.assignment
    const remarks: string[] = []
    const remark = (text: string): void => {
      remarks.push(text)
    }
    const of = (name: string): string => `${name} in the bucket ${address.name}`
    const shared = ofOnePbx(local, parseSettings(settings.defaults ?? '', of(DEFAULTS), remark))
    assertCommon(shared)
    for (const name of settings.misnamed) remark(`${of(JSON.stringify(name))} is skipped: ${PBX_NAME_FORM}`)
    const files = [...followed].sort().map((name) => {
      const text = settings.pbxs.get(name) ?? ''
      const file = settingsOfPbx(name, of(name), shared, () => parseSettings(text, of(name), remark), remark)
      const queueLog = file.settings instanceof Map ? file.settings.get('queuelog') : undefined
      return queueLog === undefined ? file : { ...file, settings: { fault: `${queueLog.where} ${TWO_WRITE}` } }
    })
    const known = this.remarks
    this.remarks = remarks
    return { asked: askedOf(argv, files, { state, own }), remarks: remarks.filter((text) => !known.includes(text)) }
  }

  watch(changed: () => void): void {
    this.member?.run(changed)
  }

  async close(): Promise<void> {
    await this.member?.leave()
  }
}
