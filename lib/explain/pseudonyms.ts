/** What a pseudonym says of what it stands for: what that was where it was seen first. */
export type NameKind =
  | 'name'
  | 'extension'
  | 'peer'
  | 'account'
  | 'queue'
  | 'lot'
  | 'context'
  | 'application'
  | 'system'

/** The network 198.18.0.0/15, which RFC 2544 keeps for tests, has so many addresses to give. */
const ADDRESSES = 0x1_fffe

/**
 * What stands for what: another text always for another, in any case of letters, and for the same one always the same,
 * wherever it stands. It is counted up in the order in which they come, so nothing of what was there can be found in it.
 */
export class Pseudonyms {
  private readonly known = new Map<string, string>()
  private readonly counts = new Map<string, number>()

  /** For so many digits as many others, the first of them a 3. One digit alone is nobody's, and stays. */
  number(digits: string): string {
    if (digits.length < 2) return digits
    return this.of('number', digits, () => {
      let next = this.nextNumber(digits.length)
      // One that was there already would be taken for that one.
      while (this.known.has(`number ${next}`)) next = this.nextNumber(next.length)
      return next
    })
  }

  name(kind: NameKind, text: string): string {
    return this.of('word', text, () => `${kind}${this.count(kind)}`)
  }

  host(text: string): string {
    return this.of('word', text, () => `host${this.count('host')}.example`)
  }

  ipv4(text: string): string {
    return this.of('word', text, () => {
      const n = this.count('IPv4')
      return n > ADDRESSES ? `host${this.count('host')}.example` : `198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`
    })
  }

  ipv6(text: string): string {
    return this.of('word', text, () => `2001:db8::${this.count('IPv6').toString(16)}`)
  }

  /** For the suffix of a channel, another that is one in hexadecimal digits. */
  suffix(text: string): string {
    return this.of('suffix', text, () => `f${this.count('suffix').toString(16).padStart(7, '0')}`)
  }

  /** For the Uniqueid that a client of AMI or ARI gave a channel. */
  channelId(text: string): string {
    return this.of('channel', text, () => `channel${this.count('channel')}`)
  }

  /** For the Uniqueid that a client of ARI gave a bridge: another of Asterisk's own form. */
  bridgeId(text: string): string {
    return this.of('bridge', text, () => {
      const digits = this.count('bridge').toString(16).padStart(8, '0')
      return `${digits}-0000-4000-8000-000000000000`
    })
  }

  private of(space: string, text: string, make: () => string): string {
    const key = `${space} ${text}`
    let known = this.known.get(key)
    if (known === undefined) {
      known = make()
      this.known.set(key, known)
    }
    return known
  }

  /** Where there are no more numbers of so many digits, one of more. */
  private nextNumber(digits: number): string {
    const n = this.count(`number of ${digits}`) - 1
    return n < 10 ** (digits - 1) ? `3${n.toString().padStart(digits - 1, '0')}` : this.nextNumber(digits + 1)
  }

  private count(kind: string): number {
    const next = (this.counts.get(kind) ?? 0) + 1
    this.counts.set(kind, next)
    return next
  }
}
