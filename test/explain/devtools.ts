import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'

/** No message of the browser takes as long, on a machine that is busy with other things. */
const PATIENCE_MS = 90_000

interface Answer {
  id?: number
  method?: string
  sessionId?: string
  params?: unknown
  result?: Record<string, unknown>
  error?: { message: string }
}

/** A browser that is told what to do by the DevTools protocol, over a pipe: no port is open meanwhile. */
export class DevTools {
  private readonly child: ChildProcess
  private readonly input: Writable
  private readonly waiting = new Map<number, (answer: Answer) => void>()
  private readonly watchers = new Set<(answer: Answer) => void>()
  private last = 0
  private rest = ''

  /** @param args of chromium, besides those of the pipe */
  constructor(args: readonly string[]) {
    this.child = spawn('chromium', ['--remote-debugging-pipe', ...args], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    })
    this.input = this.child.stdio[3] as Writable
    const output = this.child.stdio[4] as Readable
    output.setEncoding('utf8').on('data', (text: string) => this.read(text))
    this.input.on('error', () => {})
    this.child.on('error', (error) => this.fail(error.message))
    this.child.on('exit', () => this.fail('the browser has ended'))
  }

  /** Sends a command, and gives its result. @throws Error if the browser says so, ends, or says nothing */
  send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.last
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.waiting.get(id)?.({ error: { message: 'no answer' } }), PATIENCE_MS)
      this.waiting.set(id, ({ result = {}, error }) => {
        clearTimeout(timer)
        this.waiting.delete(id)
        if (error === undefined) resolve(result)
        else reject(new Error(`${method}: ${error.message}`))
      })
      this.input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`)
    })
  }

  /** The next event of this name, in a session. */
  event(method: string, sessionId: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method} does not come`)), PATIENCE_MS)
      const watcher = (answer: Answer): void => {
        if (answer.method !== method || answer.sessionId !== sessionId) return
        clearTimeout(timer)
        this.watchers.delete(watcher)
        resolve()
      }
      this.watchers.add(watcher)
    })
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null) return
    const ended = new Promise((resolve) => this.child.once('exit', resolve))
    await this.send('Browser.close').catch(() => this.child.kill('SIGKILL'))
    await ended
  }

  private read(text: string): void {
    const messages = (this.rest + text).split('\0')
    this.rest = messages.pop() ?? ''
    for (const message of messages) {
      const answer: Answer = JSON.parse(message)
      if (answer.id !== undefined) this.waiting.get(answer.id)?.(answer)
      else for (const watcher of [...this.watchers]) watcher(answer)
    }
  }

  private fail(message: string): void {
    for (const answer of [...this.waiting.values()]) answer({ error: { message } })
  }
}
