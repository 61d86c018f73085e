import type { Batch, Position, Sink } from './flow.ts'

/** Lines as they are, for a pipe. Nobody tells which were read, so each run begins where the source begins. */
export class StdoutSink implements Sink {
  readonly name = 'stdout'
  private readonly output: NodeJS.WritableStream
  private position: Position | undefined

  constructor(output: NodeJS.WritableStream) {
    this.output = output
  }

  async open(): Promise<Position | undefined> {
    return this.position
  }

  look(): Promise<Position | undefined> {
    return this.open()
  }

  async write(batch: Batch): Promise<void> {
    const bytes = Buffer.concat(batch.lines.map((line) => line.bytes))
    await new Promise<void>((resolve, reject) => {
      this.output.write(bytes, (error) => (error ? reject(error) : resolve()))
    })
    this.position = batch.to
  }

  async close(): Promise<void> {}
}
