import { FILES } from '../files/uses.ts'
import { type NatsAddress, readNatsAddress } from '../nats/address.ts'
import { file, type OptionKind, text, UsageError, wholeNumber } from '../options/kinds.ts'

/** Where the bus of a fleet is, and as whom one is there. */
export const fleetOptions = {
  fleet: fleetAddress(),
  'fleet-secret-file': file(FILES.secret),
  'nats-creds': file(FILES.credentials),
  replicas: wholeNumber(1),
}

/** The options of a member. */
export const memberOptions = { ...fleetOptions, member: memberName() }

/** `--fleet nats://…/BUCKET`; undefined if not given. */
function fleetAddress(): OptionKind<NatsAddress | undefined> {
  return {
    fallback: undefined,
    shown: 'ADDRESS',
    read: (name, value) => {
      const secret = '$FLEETSECRET, or in the file of --fleet-secret-file'
      const address = readNatsAddress(value, { what: 'BUCKET', secret })
      if (typeof address === 'string') throw new UsageError(`--${name} ${address}`)
      return address
    },
  }
}

/** `--member NAME`; undefined if not given. */
function memberName(): OptionKind<string | undefined> {
  const { read, ...kind } = text('NAME')
  return {
    ...kind,
    read: (name, value) => {
      if (/^[\w-]{1,64}$/.test(value)) return read(name, value)
      throw new UsageError(`--${name} takes a name of up to 64 letters, digits, _ and -`)
    },
  }
}
