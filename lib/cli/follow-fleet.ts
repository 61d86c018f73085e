import { hostname } from 'node:os'
import { type OptionValues, UsageError } from '../options/kinds.ts'
import { FleetSource } from './fleet-source.ts'
import { checkedFilesOfProcess } from './follow-set.ts'
import { natsLogin } from './nats-login.ts'
import { type OtherSecrets, readSettings, type Setting } from './settings.ts'
import { assertCommon } from './settings-folder.ts'
import { stderrLog } from './stderr-log.ts'
import type { liveOptions } from './track-options.ts'

type FleetValues = OptionValues<typeof liveOptions>

const log = stderrLog('ami-track: ')

/**
 * `ami-track --fleet nats://…/BUCKET`: follows those PBXs of a fleet that are this member's.
 *
 * @throws FileProblem if a file that is named cannot be used
 */
export async function followFleet(argv: readonly string[], values: FleetValues, secrets: OtherSecrets): Promise<void> {
  const { fleet: address, member, replicas, settings, 'fleet-secret-file': secretFile, 'nats-creds': creds } = values
  if (address === undefined) throw new UsageError('--fleet is missing')
  const own = checkedFilesOfProcess(values)
  const local = settings === undefined ? new Map<string, Setting>() : readSettings(settings, () => {})
  assertCommon(local)
  const source = new FleetSource({
    address,
    login: natsLogin(address, { secretFile, secret: secrets.FLEETSECRET, creds }, log),
    replicas,
    name: member ?? usualName(),
    local,
    // What stands in the bucket is read in the place of a settings file.
    argv: settings === undefined ? [...argv, '--settings', address.name] : argv,
    state: values.state,
    own,
  })
  const { runSet } = await import('../daemon/run-set.ts')
  await runSet(values, source)
}

/** That of this machine, as a bucket can hold it. */
function usualName(): string {
  return hostname()
    .replace(/[^\w-]/g, '-')
    .slice(0, 64)
}
