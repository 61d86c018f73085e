import { isIPv6 } from 'node:net'

/** So many wrong tokens of one client are looked at, and no more until so many ms after the first of them. */
const MOST = 10
const WITHIN_MS = 60_000
/** So many clients are remembered: of more, who came first is forgotten. */
const MAX_CLIENTS = 1000

/** Who gave wrong tokens: nobody can try many. */
export class WrongTokens {
  private readonly clock: () => number
  private readonly byNetwork = new Map<string, { count: number; since: number }>()

  /** @param clock ms, which never goes back */
  constructor(clock: () => number = () => performance.now()) {
    this.clock = clock
  }

  /** For how many ms no token of this client is looked at any more; 0 if it may try. @param client its address */
  waitOf(client: string): number {
    const { count = 0, since = 0 } = this.byNetwork.get(networkOf(client)) ?? {}
    return count < MOST ? 0 : Math.max(0, since + WITHIN_MS - this.clock())
  }

  /** @param client the address from which one came */
  add(client: string): void {
    const network = networkOf(client)
    const now = this.clock()
    const known = this.byNetwork.get(network)
    if (known !== undefined && now < known.since + WITHIN_MS) {
      known.count++
      return
    }
    this.byNetwork.delete(network)
    const [first] = this.byNetwork.keys()
    if (this.byNetwork.size >= MAX_CLIENTS && first !== undefined) this.byNetwork.delete(first)
    this.byNetwork.set(network, { count: 1, since: now })
  }
}

/** Of IPv6 one machine has as many addresses as it likes in its /64. */
function networkOf(client: string): string {
  const address = client.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*/, '')
  if (!isIPv6(address)) return address
  const [front = '', back] = address.split('::')
  const [head, tail] = [front, back ?? ''].map((part) => (part === '' ? [] : part.split(':')))
  const zeros = back === undefined ? 0 : 8 - (head?.length ?? 0) - (tail?.length ?? 0)
  return [...(head ?? []), ...Array(Math.max(0, zeros)).fill('0'), ...(tail ?? [])].slice(0, 4).join(':')
}
