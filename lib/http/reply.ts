import type { ServerResponse } from 'node:http'

const PLAIN = 'text/plain; charset=utf-8'

/** The answer to one request. */
export class Reply {
  private readonly response: ServerResponse
  private readonly keep: () => void

  /** @param keep called if the connection stays open, and is one of those no more that wait for an answer */
  constructor(response: ServerResponse, keep: () => void) {
    this.response = response
    this.keep = keep
  }

  /** Whether only the head of the answer is asked for. */
  get isHead(): boolean {
    return this.response.req.method === 'HEAD'
  }

  text(code: number, text: string, type = PLAIN): void {
    const { response } = this
    if (response.headersSent) {
      response.destroy()
      return
    }
    // With the limit alone, Node says that it closes, and waits for the client to do so.
    response.writeHead(code, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(text), Connection: 'close' })
    response.end(text)
  }

  json(value: unknown): void {
    this.text(200, `${JSON.stringify(value)}\n`, 'application/json; charset=utf-8')
  }

  /** A header of the answer that is still to come. */
  header(name: string, value: string): void {
    this.response.setHeader(name, value)
  }

  /** Begins an answer that goes on for as long as the client listens. */
  stream(type: string): ServerResponse {
    this.keep()
    this.response.writeHead(200, { 'Content-Type': type, 'Cache-Control': 'no-store', Connection: 'close' })
    this.response.flushHeaders()
    return this.response
  }
}
