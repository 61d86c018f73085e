import { channelNameOf } from '../ami/channel-name.ts'
import { TECHNOLOGY } from '../ami/technology.ts'
import {
  CONTEXT_WORDS,
  isAsterisksExtension,
  isDialWord,
  LOCAL_OPTIONS,
  NO_CALLER,
  PLACE_WORDS,
} from './harmless-words.ts'
import { type NameKind, Pseudonyms } from './pseudonyms.ts'

/** What stands between words: the punctuation of ASCII but for the dot, and no control character. */
const BETWEEN = ' -\\-/:-@\\[-`{-~'
const IPV4 = '\\d{1,3}(?:\\.\\d{1,3}){3}'
const IPV6 = '\\[[0-9a-fA-F.]*:[0-9a-fA-F:.]*\\]'
/** Also as people write numbers: `(030) 555-0123`. */
const DIGITS = '\\d+(?:[-_ ().,]+\\d+)*'
const WORD = new RegExp(`${IPV6}|(?<![^${BETWEEN}])(?:${IPV4}|${DIGITS})(?![^${BETWEEN}])|[^${BETWEEN}]+`, 'g')
const IS_IPV4 = new RegExp(`^${IPV4}$`)
const IS_DIGITS = new RegExp(`^${DIGITS}$`)

/** The code that a phone dials for a service, before a number perhaps: `*43`, `*47*1001`. */
const SERVICE_CODE = /^[*#]\d{0,2}(?=[*#]|$)/
const SUFFIX = /^[0-9a-f]+$/i
/** Counted up from 0 since Asterisk started; one more digit than zero may be the end of a name, or a number. */
const COUNTED_SUFFIX = /^(?:00[0-9a-f]{6}|[0-9a-f])$/i
const PARTS_OF_LOCAL = /^([^@/]*)(@[^/]*)?(\/.*)?$/s
const PART_OF_DIAL = new RegExp(`${IPV6}|[^/@:;,&=?]+`, 'g')
/** The system's name from asterisk.conf may stand before it. */
const UNIQUEID = /^(?:(.*)-)?(\d{10})\.(\d{1,9})$/s
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** The Timestamps of 2001 to 2099. */
const EARLIEST = 1e9
const LATEST = 4.1e9
const TIMESTAMP = /^(\d{10})(?:\.\d{1,9})?$/
/** A channel was created so many seconds before or after the dump began, at most. */
const TWO_YEARS = 2 * 365 * 86_400

const none = (): boolean => false

/**
 * The values of headers with everybody in them replaced: whatever is neither punctuation nor known to be harmless at its
 * place. As each word is replaced by itself and the punctuation stays, the trackers find in a value what they found before:
 * the interface in a channel's name, the number in a dial string, the other half of a Local pair.
 */
export class AnonymousValues {
  private readonly pseudonyms = new Pseudonyms()
  /** The first time in the dump: seconds since the epoch. */
  private begin: number | undefined

  /** What stands at the place of an extension: a number, one of Asterisk's own, a service code, or somebody's name. */
  extension(text: string): string {
    return this.extensionOr('extension', isAsterisksExtension, text)
  }

  callerNumber(text: string): string {
    return NO_CALLER.has(text) ? text : this.extension(text)
  }

  /** The name of a caller. Asterisk puts the number there where it knows none. */
  personName(text: string): string {
    return NO_CALLER.has(text) ? text : this.words('name', none, text)
  }

  /**
   * The name of a member of a queue, which is its interface where nobody gave it another.
   *
   * @param memberInterface of the same member, as the message has it
   */
  memberName(text: string, memberInterface: string | undefined): string {
    const isInterface = text === memberInterface || TECHNOLOGY.test(text) || text.startsWith('hint:')
    return isInterface ? this.dialled(text) : this.words('name', none, text)
  }

  accountCode(text: string): string {
    return this.words('account', (word) => PLACE_WORDS.has(word), text)
  }

  queue(text: string): string {
    return this.words('queue', (word) => PLACE_WORDS.has(word), text)
  }

  parkingLot(text: string): string {
    return this.words('lot', (word) => PLACE_WORDS.has(word), text)
  }

  context(text: string): string {
    return this.words('context', (word) => CONTEXT_WORDS.has(word), text)
  }

  application(text: string): string {
    return this.words('application', none, text)
  }

  /** A channel's name: its technology stays, and which half it is, and a suffix that Asterisk counted. */
  channel(text: string): string {
    return text
      .split('&')
      .map((name) => {
        const { suffix, half } = channelNameOf(name)
        if (!SUFFIX.test(suffix)) return this.dialled(name)
        const behind = `-${suffix}${half === '' ? '' : `;${half}`}`
        const resource = this.dialled(name.slice(0, name.length - behind.length))
        const shown = COUNTED_SUFFIX.test(suffix) ? suffix : this.pseudonyms.suffix(suffix)
        return `${resource}-${shown}${half === '' ? '' : `;${half}`}`
      })
      .join('&')
  }

  /**
   * What a dial is asked for, or a member's interface: `PJSIP/1001`, `Local/1001@from-queue/n`, `5550001@trunk`,
   * `1001/sip:1001@192.0.2.1:5060`.
   *
   * @param isLocal whether it is of a Local channel where no technology stands before it
   */
  dialled(text: string, isLocal = false): string {
    return text
      .split('&')
      .map((one) => {
        const technology = TECHNOLOGY.exec(one)?.[0] ?? (one.startsWith('hint:') ? 'hint:' : '')
        const rest = one.slice(technology.length)
        const isOfDialplan = technology === '' ? isLocal : /(?:Local\/|hint:)$/i.test(technology)
        return technology + (isOfDialplan ? this.inDialplan(rest) : this.ofTechnology(rest))
      })
      .join('&')
  }

  /** A Uniqueid or Linkedid: its time and its sequence number stay. */
  uniqueid(text: string): string {
    if (text === '' || text === '<unknown>') return text
    const [, system, seconds = '', sequence] = UNIQUEID.exec(text) ?? []
    if (!this.isOfDump(Number(seconds))) return this.pseudonyms.channelId(text)
    return `${system === undefined ? '' : `${this.words('system', none, system)}-`}${seconds}.${sequence}`
  }

  bridge(text: string): string {
    return text === '' || UUID.test(text) ? text : this.pseudonyms.bridgeId(text)
  }

  /** A time as it is, '' for anything else. */
  timestamp(text: string): string {
    const seconds = Number(TIMESTAMP.exec(text)?.[1] ?? 0)
    if (seconds < EARLIEST || seconds > LATEST) return ''
    this.begin ??= seconds
    return text
  }

  /** Whether this is the time of a Uniqueid, and no number of a phone. */
  private isOfDump(seconds: number): boolean {
    if (seconds < EARLIEST || seconds > LATEST) return false
    this.begin ??= seconds
    return Math.abs(seconds - this.begin) <= TWO_YEARS
  }

  private inDialplan(text: string): string {
    const [, exten = '', context = '', rest = ''] = PARTS_OF_LOCAL.exec(text) ?? []
    const options = LOCAL_OPTIONS.test(rest) ? rest : this.ofTechnology(rest)
    return this.extension(exten) + this.context(context) + options
  }

  private ofTechnology(text: string): string {
    return text.replace(PART_OF_DIAL, (part) => this.extensionOr('peer', isDialWord, part))
  }

  private extensionOr(kind: NameKind, isHarmless: (text: string) => boolean, text: string): string {
    if (isHarmless(text)) return text
    const code = SERVICE_CODE.exec(text)?.[0] ?? ''
    return code + this.words(kind, none, text.slice(code.length))
  }

  private words(kind: NameKind, isHarmless: (word: string) => boolean, text: string): string {
    return text.replace(WORD, (word) => (isHarmless(word) ? word : this.word(kind, word)))
  }

  private word(kind: NameKind, word: string): string {
    if (word.startsWith('[')) return `[${this.pseudonyms.ipv6(word)}]`
    if (IS_IPV4.test(word)) return this.pseudonyms.ipv4(word)
    if (IS_DIGITS.test(word)) return this.number(word)
    return kind === 'peer' && word.includes('.') ? this.pseudonyms.host(word) : this.pseudonyms.name(kind, word)
  }

  /** The digits are replaced together, and stand as they stood: a number is the same however it is written. */
  private number(text: string): string {
    const digits = this.pseudonyms.number(text.replace(/\D+/g, ''))
    let used = 0
    const written = text.replace(/\d/g, () => digits[used++] as string)
    return written + digits.slice(used)
  }
}
