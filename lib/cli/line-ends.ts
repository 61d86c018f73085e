const CR = 0x0d
const LF = 0x0a

/** Makes one CR of several before an LF: so tools of Windows end lines when they take CR LF for a line end of their own. */
export class SingleCr {
  /** CRs at the end of the last chunk, of which the next one tells what they are. */
  private held = 0

  /** What goes on of a chunk. */
  pass(chunk: Buffer): Buffer {
    const out = Buffer.allocUnsafe(this.held + chunk.length)
    let length = 0
    for (const byte of chunk) {
      if (byte === CR) {
        this.held++
        continue
      }
      for (let left = byte === LF ? Math.min(1, this.held) : this.held; left > 0; left--) out[length++] = CR
      this.held = 0
      out[length++] = byte
    }
    return out.subarray(0, length)
  }

  /** What is left at the end. */
  end(): Buffer {
    return Buffer.alloc(this.held, CR)
  }
}

/** How the first line that is not empty ends; undefined where that is not known yet. */
export function firstLineEnd(beginning: Buffer): 'LF' | 'CR LF' | 'CR CR LF' | 'CR' | undefined {
  const [, ends = ''] = /^\s*[^\r\n]+([\r\n]+)/.exec(beginning.toString('latin1')) ?? []
  if (ends.startsWith('\n')) return 'LF'
  if (ends.startsWith('\r\n')) return 'CR LF'
  if (/^\r+\n/.test(ends)) return 'CR CR LF'
  // Elsewhere a CR may stand in a value.
  return ends === '' || beginning.includes(LF) ? undefined : 'CR'
}
