/** Reads until a beginning is enough, or the source is at its end. */
export async function beginningOf(
  source: AsyncGenerator<Buffer>,
  isEnough: (beginning: Buffer) => boolean,
): Promise<Buffer> {
  let beginning: Buffer = Buffer.alloc(0)
  while (!isEnough(beginning)) {
    const { value, done } = await source.next()
    if (done) break
    beginning = beginning.length === 0 ? value : Buffer.concat([beginning, value])
  }
  return beginning
}

/** A source of which a beginning was read, whole again. */
export async function* wholeAgain(beginning: Buffer, source: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (beginning.length > 0) yield beginning
  yield* source
}
