import { AmiStreamError } from '../ami/parser.ts'
import { UsageError } from '../options/kinds.ts'
import type { AmiParseOptions } from '../streams/ami-parse.ts'
import { Failure } from '../text/exit.ts'
import { beginningOf, wholeAgain } from './beginning.ts'
import { contentOf, isTelling } from './content.ts'
import { Input, type WatchFile, wasInterrupted } from './input.ts'
import { firstLineEnd, SingleCr } from './line-ends.ts'

/** A file of a dump, and where in the stream of all of them it begins: bytes. */
interface Part {
  readonly input: Input
  readonly begin: number
}

type Tell = (kind: string, text: string) => void

export interface DumpInputOptions {
  watch?: WatchFile
  /** Whether answers alone are something to read. Default false: an event is wanted. */
  takesAnswers?: boolean
}

/**
 * A recorded AMI stream: one file, or several that follow each other as if they were one, as `cat` would make it of them.
 *
 * What is wrong with it ends the program only when all that can be read has gone through: {@link DumpInput.readBy}.
 */
export class DumpInput implements AsyncIterable<Buffer> {
  private readonly inputs: readonly Input[]
  private readonly tell: Tell
  private readonly takesAnswers: boolean
  private readonly parts: Part[] = []
  private readonly faults: string[] = []
  private lineEnd: string | undefined
  /** How many events came, and answers if those are something. */
  private messages = 0

  /**
   * @param paths `-` is stdin
   * @param tell told of what is wrong in the stream and read past. What it throws ends the stream
   * @throws UsageError if stdin is to be read twice
   */
  constructor(paths: readonly string[], tell: Tell, { watch, takesAnswers = false }: DumpInputOptions = {}) {
    if (paths.indexOf('-') !== paths.lastIndexOf('-')) throw new UsageError('stdin (-) can be read only once')
    this.inputs = paths.map((path) => new Input(path, watch))
    this.tell = tell
    this.takesAnswers = takesAnswers
  }

  /** What a parser of the stream is to be told. */
  get parsing(): Pick<AmiParseOptions, 'onBatch'> & Required<Pick<AmiParseOptions, 'onReport' | 'onEvent'>> {
    const count = (): void => {
      this.messages++
    }
    return {
      onReport: ({ kind, offset, text }) => this.tell(kind, `${this.placeOf(offset)}: ${text}`),
      onEvent: count,
      ...(this.takesAnswers ? { onBatch: count } : {}),
    }
  }

  /**
   * Runs what reads the stream to its end.
   *
   * @throws Failure, naming the file, if one cannot be read, is no dump, is damaged, or there is no event in it
   * @throws AmiStreamError likewise
   */
  async readBy(run: () => Promise<void>): Promise<void> {
    try {
      await run()
    } catch (error) {
      if (!(error instanceof AmiStreamError)) throw error
      throw new AmiStreamError(error.kind, `${prefixOf(this.parts.at(-1)?.input)}${error.message}`)
    }
    if (wasInterrupted()) return
    const [fault] = this.faults
    if (fault !== undefined) throw new Failure(fault)
    if (this.messages === 0) throw new Failure(`${this.inputs.map(({ name }) => name).join(', ')}: ${NO_EVENT}`)
  }

  /** Ends at a file that cannot be read or is no dump, so that what stands before it goes through. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    let read = 0
    for (const input of this.inputs) {
      if (wasInterrupted()) return
      this.parts.push({ input, begin: read })
      try {
        for await (const chunk of this.amiOf(input)) {
          read += chunk.length
          yield chunk
        }
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        this.faults.push(error.message)
        return
      }
      if (input.damage !== undefined) this.faults.push(`${input.name}: ${input.damage}`)
      else if (read === this.parts.at(-1)?.begin) this.faults.push(`${input.name}: ${NO_EVENT}`)
    }
  }

  private async *amiOf(input: Input): AsyncGenerator<Buffer> {
    const source = input[Symbol.asyncIterator]()
    try {
      const beginning = await beginningOf(source, isTelling)
      this.checkContent(input, beginning)
      const whole = wholeAgain(withoutMark(beginning), source)
      if (!this.hasDoubledCrs(input, beginning)) {
        yield* whole
        return
      }
      const single = new SingleCr()
      for await (const chunk of whole) yield single.pass(chunk)
      yield single.end()
    } finally {
      await source.return(undefined)
    }
  }

  private checkContent(input: Input, beginning: Buffer): void {
    const content = contentOf(beginning)
    if (content === undefined || content.kind === 'ami') return
    const { what, advice } = content
    throw new Failure(`${prefixOf(input)}this is not an AMI stream: it contains ${what}; ${advice(input.word)}`)
  }

  /** Whether the lines of a file end with CR CR LF. All others must end as those of the file before. */
  private hasDoubledCrs(input: Input, beginning: Buffer): boolean {
    const lineEnd = firstLineEnd(beginning)
    if (lineEnd === 'CR') {
      throw new Failure(`${input.name}: its lines end with CR alone; convert it first: tr '\\r' '\\n' < ${input.word}`)
    }
    const isDoubled = lineEnd === 'CR CR LF'
    if (isDoubled) {
      const text =
        'its lines end with CR CR LF, as some Windows tools write them. Byte positions do not count the second CR'
      this.tell('line ends', `${input.name}: ${text}`)
    }
    if (contentOf(beginning) === undefined || lineEnd === undefined) return isDoubled
    const read = isDoubled ? 'CR LF' : lineEnd
    this.lineEnd ??= read
    if (read !== this.lineEnd) {
      throw new Failure(
        `${input.name}: its lines end with ${read}, but the lines of the previous dump end with ${this.lineEnd}; convert it first`,
      )
    }
    return isDoubled
  }

  /** Where in which file a byte of the stream stands. */
  private placeOf(offset: number): string {
    const part = this.parts.findLast(({ begin }) => begin <= offset)
    const { input, begin = 0 } = part ?? {}
    const isAlone = input === undefined || (input.isStdin && this.inputs.length === 1)
    return `${isAlone ? '' : `${input.name}, `}byte ${offset - begin}`
  }
}

const NO_EVENT = 'it contains no event; a dump is what ami-connect writes, or the daemon with --debugfile'
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf])

/** What an editor on Windows puts before a text in UTF-8. */
function withoutMark(beginning: Buffer): Buffer {
  return beginning.subarray(0, 3).equals(BYTE_ORDER_MARK) ? beginning.subarray(3) : beginning
}

/** What stands before a message about an input; of stdin it is known. */
function prefixOf(input: Input | undefined): string {
  return input === undefined || input.isStdin ? '' : `${input.name}: `
}
