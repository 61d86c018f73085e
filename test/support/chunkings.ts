/** The same bytes in other chunks. */
export interface Chunking {
  label: string
  chunks: Buffer[]
}

const SMALL_BYTES = 1024

export function inChunksOf(bytes: Buffer, size: number): Buffer[] {
  const chunks: Buffer[] = []
  for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
  return chunks
}

/** Whole, byte by byte, in chunks of 2 to 64 bytes, and every split in two if the input is small. */
export function* chunkingsOf(bytes: Buffer): Generator<Chunking> {
  yield { label: 'whole', chunks: [bytes] }
  for (let size = 1; size <= 64; size++) yield { label: `chunks of ${size}`, chunks: inChunksOf(bytes, size) }
  if (bytes.length > SMALL_BYTES) return
  for (let at = 1; at < bytes.length; at++) {
    yield { label: `split at ${at}`, chunks: [bytes.subarray(0, at), bytes.subarray(at)] }
  }
}

/**
 * For what stands behind a reader: that has been tried with every chunking, and hands on whole records. So here the records
 * come all at once, some at a time, and one by one; with `CHUNKINGS=whole` all at once, for the tests of mutants.
 */
export function batchingsOf(bytes: Buffer): Chunking[] {
  const sizes = process.env.CHUNKINGS === 'whole' ? [] : [1, 64, 1000]
  const cut = sizes.map((size) => ({ label: `chunks of ${size}`, chunks: inChunksOf(bytes, size) }))
  return [{ label: 'whole', chunks: [bytes] }, ...cut]
}
