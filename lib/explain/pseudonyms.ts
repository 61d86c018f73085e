const LOCAL = /^(Local\/)([^@]*)(@[^-/]*(?:-(?![0-9a-f]{8};)[^-/]*)*)(.*)$/s
const SUFFIX = /-[0-9a-f]{4,}(;[12])?$/
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/
const IPV6 = /^\[?[0-9a-f]*:[0-9a-f:]+\]?$/i
/** Extensions that Asterisk and its dialplans know by name, and the codes that a phone dials for a service. */
const OWN_EXTENSIONS = /^(?:[aehistoT]|fax|s-[A-Z]+|failed|\*\d{1,3}|#\d{0,3}|)$/
/** What a dialled thing may hold besides names and numbers. */
const OWN_WORDS = new Set([
  '',
  'sip',
  'sips',
  'n',
  'nm',
  'nj',
  'tcp',
  'udp',
  'tls',
  'transport',
  'anonymous',
  'unknown',
])

/**
 * Puts something of the same kind in the place of every number, name and address, and for the same one always the same.
 * What stands for what is counted up, so that nothing of what was there can be found in it.
 */
export class Pseudonyms {
  private readonly numbers = new Map<string, string>()
  private readonly words = new Map<string, string>()
  private readonly counts = new Map<string, number>()

  /** A phone number or extension: as many digits, beginning with a 3, with its `+` if it has one. */
  number(text: string): string {
    const [, sign = '', digits = ''] = /^([+*#]*)(.*)$/s.exec(text) ?? []
    if (digits.length < 2) return text
    let known = this.numbers.get(digits)
    while (known === undefined) {
      const next = `3${this.count(`number of ${digits.length}`)
        .toString()
        .padStart(digits.length - 1, '0')}`
      // One that was there before would be taken for that one.
      if (!this.numbers.has(next)) known = next
    }
    this.numbers.set(digits, known)
    return sign + known
  }

  /** What stands at the place of an extension: a number, one of Asterisk's own, or somebody's name. */
  extension(text: string): string {
    if (OWN_EXTENSIONS.test(text)) return text
    return /^[+*#\d]+$/.test(text) ? this.number(text) : this.word('extension', text)
  }

  /** The name of a caller. Asterisk puts the number there where it knows none. */
  callerName(text: string): string {
    if (text === '' || text === '<unknown>') return text
    return /^[+*#\d]+$/.test(text) ? this.number(text) : this.word('Name ', text)
  }

  /** A caller's number; it may be no number at all. */
  callerNumber(text: string): string {
    return text === '<unknown>' ? text : this.extension(text)
  }

  /** A member's name is its interface where nobody gave it another. */
  memberName(text: string): string {
    return text.includes('/') ? this.dialled(text) : this.callerName(text)
  }

  accountCode(text: string): string {
    return text === '' ? text : this.word('account', text)
  }

  /** Queues, lots and contexts stay, as what happens cannot be understood without them, but for the numbers in them. */
  place(text: string): string {
    return text.replace(/\d{3,}/g, (digits) => this.number(digits))
  }

  /** A channel's name: its technology and suffix stay. */
  channel(text: string): string {
    const suffix = SUFFIX.exec(text)?.[0] ?? ''
    return this.dialled(text.slice(0, text.length - suffix.length)) + suffix
  }

  /**
   * What a dial is asked for, or a member's interface: `PJSIP/1001`, `Local/1001@from-queue/n`, `5550001@trunk`,
   * `1001/sip:1001@192.0.2.1:5060`.
   *
   * @param isLocal whether what follows an `@` is a context
   */
  dialled(text: string, isLocal = false): string {
    const local = LOCAL.exec(isLocal && !text.startsWith('Local/') ? `Local/${text}` : text)
    if (local !== null) {
      const [, technology = '', exten = '', context = '', options = ''] = local
      return `${isLocal && !text.startsWith('Local/') ? '' : technology}${this.extension(exten)}${this.place(context)}${options}`
    }
    const hint = /^hint:([^@]*)(@.*)?$/s.exec(text)
    if (hint !== null) return `hint:${this.extension(hint[1] ?? '')}${this.place(hint[2] ?? '')}`
    const technology = /^[A-Z][A-Za-z0-9]*\//.exec(text)?.[0] ?? ''
    const rest = text.slice(technology.length)
    return technology + rest.replace(/\[[0-9a-f:]+\]|[^/@:;,&=?]+/gi, (token) => this.token(token))
  }

  private token(token: string): string {
    if (OWN_WORDS.has(token)) return token
    if (IPV4.test(token)) return this.address(token)
    if (IPV6.test(token)) return this.word('2001:db8::', token)
    if (/^[+*#\d]+$/.test(token)) return this.number(token)
    return token.includes('.') ? `${this.word('host', token)}.example` : this.word('peer', token)
  }

  private address(text: string): string {
    let known = this.words.get(`address ${text}`)
    if (known === undefined) {
      const n = this.count('address') % 0x1ffff
      known = `198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`
      this.words.set(`address ${text}`, known)
    }
    return known
  }

  private word(kind: string, text: string): string {
    const key = `${kind} ${text}`
    let known = this.words.get(key)
    if (known === undefined) {
      known = `${kind}${this.count(kind)}`
      this.words.set(key, known)
    }
    return known
  }

  private count(kind: string): number {
    const next = (this.counts.get(kind) ?? 0) + 1
    this.counts.set(kind, next)
    return next
  }
}
