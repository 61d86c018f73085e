/** An event of a dump, read without the product's parser. */
export interface AmiEvent {
  name: string
  /** Seconds since the epoch. */
  at: number
  /** A header's value; '' where it is not there. */
  get: (header: string) => string
}

export const TRANSFERS: ReadonlySet<string> = new Set(['BlindTransfer', 'AttendedTransfer'])

/** The events of a dump, in their order. */
export function eventsOf(dump: string): AmiEvent[] {
  let at = 0
  return dump.split('\r\n\r\n').flatMap((packet) => {
    const headers = new Map<string, string>()
    for (const line of packet.split('\r\n')) {
      const colon = line.indexOf(': ')
      if (colon > 0) headers.set(line.slice(0, colon), line.slice(colon + 2))
    }
    at = Number(headers.get('Timestamp') ?? at)
    const name = headers.get('Event')
    const event = { name: name ?? '', at, get: (header: string) => headers.get(header) ?? '' }
    return name === undefined ? [] : [event]
  })
}

/** Whether an event tells of something that happens: items of a list answer an action. */
export function isFollowed({ name, get }: AmiEvent): boolean {
  return name === 'OriginateResponse' || name === 'QueueMember' || get('ActionID') === ''
}

/** The channels of a call that a transfer takes. */
export function partiesOf({ get }: AmiEvent): string[] {
  const roles = ['Transferer', 'Transferee', 'OrigTransferer', 'SecondTransferer', 'TransferTarget']
  return roles.map((role) => get(`${role}Uniqueid`)).filter((uniqueid) => uniqueid !== '')
}

/** A wait or a talk as queue_log has it: the difference of whole seconds. */
export function seconds(from: number, to: number): number {
  return Math.max(0, Math.floor(to) - Math.floor(from))
}
