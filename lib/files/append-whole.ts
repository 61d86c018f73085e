import type { FileHandle } from 'node:fs/promises'

/** What is written to: a FileHandle, as far as it is used here. */
export type AppendFile = Pick<FileHandle, 'write' | 'read' | 'stat' | 'truncate' | 'close'>

const LF = 0x0a

/**
 * Appends a whole line, or nothing: of a line that the disk does not take to its end, what it took is cut off again, unless
 * another program has written behind it.
 *
 * @throws Error if the line was not written
 */
export async function appendWhole(file: AppendFile, line: Buffer): Promise<void> {
  for (let written = 0; written < line.length; ) {
    const part = line.subarray(0, written)
    // Behind what another program wrote meanwhile, the rest would be no part of this line.
    if (written > 0 && (await isFollowed(file, part)))
      throw new Error('another program wrote into the middle of a line')
    try {
      const { bytesWritten } = await file.write(line, written)
      if (bytesWritten === 0) throw new Error('the system accepted no bytes')
      written += bytesWritten
    } catch (error) {
      if (written > 0) await cutOff(file, part)
      throw error
    }
  }
}

/** Whether a file ends in the middle of a line: of a full disk, or of a process that was killed. */
export async function endsInLine(file: AppendFile): Promise<boolean> {
  try {
    const { end } = await endOf(file, 1)
    return end.length === 1 && end[0] !== LF
  } catch {
    return false
  }
}

async function isFollowed(file: AppendFile, part: Buffer): Promise<boolean> {
  try {
    const { end } = await endOf(file, part.length)
    return !end.equals(part)
  } catch {
    return false
  }
}

async function cutOff(file: AppendFile, part: Buffer): Promise<void> {
  try {
    const { end, at } = await endOf(file, part.length)
    if (end.equals(part)) await file.truncate(at)
  } catch {
    // It stays, and the line begins anew behind it.
  }
}

/**
 * The last bytes of a file, fewer if it is shorter, and where they begin.
 *
 * @throws Error if it cannot be read
 */
async function endOf(file: AppendFile, length: number): Promise<{ end: Buffer; at: number }> {
  const stats = await file.stat()
  if (!stats.isFile()) throw new Error('it has no end')
  const bytes = Buffer.alloc(Math.min(length, stats.size))
  const at = stats.size - bytes.length
  const { bytesRead } = await file.read(bytes, 0, bytes.length, at)
  return { end: bytes.subarray(0, bytesRead), at }
}
