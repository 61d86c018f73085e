import { type IncomingMessage, request } from 'node:http'
import { text as textOfStream } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { createParser } from 'eventsource-parser'
import { reasonOf } from '../files/file-problem.ts'
import { Failure } from '../text/exit.ts'

/** A daemon of this machine begins to answer at once, or it hangs: ms. */
const ANSWER_MS = 5000
/** Nothing comes for so long only where the daemon hangs: it gives a sign of life each 15 s. */
const SILENCE_MS = 40_000
/** Who lost the daemon asks again after so long, in ms. */
const AGAIN_MS = 1000
/** An event of more characters is none of ours. */
const MAX_EVENT_CHARS = 16 * 1024 * 1024

/** An event of the daemon: its kind, and what it says. */
export interface DaemonEvent {
  readonly event: string
  readonly data: unknown
}

/** What is asked for; what is undefined is left out. */
export type Query = Readonly<Record<string, string | undefined>>

/** Asks a daemon how it is, at its control socket. */
export class DaemonClient {
  private readonly path: string

  /** @param path of the socket */
  constructor(path: string) {
    this.path = path
  }

  /**
   * What it answers.
   *
   * @param path `/v1/status`
   * @throws Failure if it does not answer, or with what it refuses
   */
  async ask(path: string, query: Query = {}): Promise<unknown> {
    const response = await this.get(withQuery(path, query), AbortSignal.timeout(ANSWER_MS))
    const text = await textOfStream(response)
    if (response.statusCode !== 200) throw new Failure(oneSentence(text))
    return JSON.parse(text)
  }

  /**
   * Listens to it until the signal, and connects again where it is lost.
   *
   * @param path `/v1/events`
   * @param onLost told why it is not there, each time that it is lost or still not there
   * @throws Failure if it refuses
   */
  async listen(
    path: string,
    query: Query,
    signal: AbortSignal,
    onEvent: (event: DaemonEvent) => void,
    onLost: (why: string) => void,
  ): Promise<void> {
    let lastId = ''
    while (!signal.aborted) {
      try {
        let why = 'the daemon has ended'
        await this.listenOnce(withQuery(path, query), signal, lastId, (event, id) => {
          lastId = id ?? lastId
          if (event.event === 'over') why = (event.data as { why: string }).why
          else onEvent(event)
        })
        onLost(why)
      } catch (error) {
        if (signal.aborted) return
        if (error instanceof Refusal) throw error
        onLost((error as Error).message)
      }
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => {})
    }
  }

  private async listenOnce(
    what: string,
    signal: AbortSignal,
    lastId: string,
    onEvent: (event: DaemonEvent, id: string | undefined) => void,
  ): Promise<void> {
    const response = await this.get(what, signal, lastId === '' ? {} : { 'Last-Event-ID': lastId })
    const { statusCode } = response
    if (statusCode !== 200) {
      const why = oneSentence(await textOfStream(response))
      // What is not there just now may come.
      throw statusCode === 503 ? new Failure(why) : new Refusal(why)
    }
    response.setEncoding('utf8')
    response.setTimeout(SILENCE_MS, () => response.destroy(new Error('the daemon sends nothing any more')))
    const parser = createParser({
      maxBufferSize: MAX_EVENT_CHARS,
      onEvent: ({ event = '', data, id }) => onEvent({ event, data: JSON.parse(data) }, id),
    })
    try {
      for await (const chunk of response) parser.feed(chunk as string)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error
      throw new Failure('the daemon has ended, or this program read too slowly: some data is missing')
    }
  }

  private get(what: string, signal: AbortSignal, headers = {}): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: this.path, path: what, headers, signal, agent: false })
      asked.setTimeout(ANSWER_MS, () => asked.destroy(Object.assign(new Error('no answer'), { name: 'TimeoutError' })))
      asked.on('response', resolve)
      asked.on('error', (error) => reject(new Failure(this.whyNot(error))))
      asked.end()
    })
  }

  private whyNot(error: Error): string {
    const { code } = error as NodeJS.ErrnoException
    const { path } = this
    if (error.name === 'AbortError' || error.name === 'TimeoutError') return `no daemon answers at ${path}`
    if (code === 'ENOENT' || code === 'ECONNREFUSED') {
      return `no ami-track runs with the control socket ${path}: start it (systemctl start ami-track), or give its socket with --control`
    }
    if (code === 'EACCES') {
      return `permission denied for ${path}: use sudo, or add your user to its group (usermod -aG ami-track USER) and log in again`
    }
    return `no daemon answers at ${path}: ${reasonOf(error)}`
  }
}

/** What is asked for is not there: another try would get the same answer. */
class Refusal extends Failure {}

function withQuery(path: string, query: Query): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as [string, string]],
  )
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`
}

function oneSentence(text: string): string {
  return text.trim().replace(/\.$/, '').replace(/\s+/g, ' ')
}
