import { setTimeout as sleep } from 'node:timers/promises'

/** A file that has not answered for so long, in ms, hangs: a local disk that does its work takes some hundredths of it. */
const HANGS_AFTER_MS = 2000
const STEP_MS = 5

interface Wait {
  readonly path: string
  /** ms of performance.now() */
  readonly since: number
}

/** A file that does not answer. */
export interface HangingFile {
  readonly path: string
  /** For how long, in ms. */
  readonly forMs: number
}

/**
 * The operations on files that have not come back. Each has one of the four threads in which Node works on files and looks
 * up names, and nothing can call it back: a network file system that is gone may keep it forever. So no file is asked for
 * anything while it owes an answer, nobody who ends waits for it, and whoever asks is told.
 */
export class FileWaits {
  private readonly waits = new Set<Wait>()

  /**
   * Waits for an operation, and is known to.
   *
   * @returns what the operation gives
   * @throws what the operation throws
   */
  async until<T>(path: string, operation: Promise<T>): Promise<T> {
    const end = this.begin(path)
    try {
      return await operation
    } finally {
      end()
    }
  }

  /**
   * Notes an operation.
   *
   * @returns to be called when it has come back
   */
  begin(path: string): () => void {
    const wait = { path, since: performance.now() }
    this.waits.add(wait)
    return () => this.waits.delete(wait)
  }

  /** Whether any operation has not come back yet. */
  get isAny(): boolean {
    return this.waits.size > 0
  }

  /** Waits until none is left, but for so long, in ms, at most. */
  async noneWithin(limitMs: number): Promise<void> {
    const end = performance.now() + limitMs
    while (this.isAny && performance.now() < end) await sleep(STEP_MS)
  }

  /** The files that hang, each once, with the longest time. */
  get hanging(): HangingFile[] {
    const now = performance.now()
    const found = new Map<string, number>()
    for (const { path, since } of this.waits) {
      if (now - since > HANGS_AFTER_MS) found.set(path, Math.max(found.get(path) ?? 0, now - since))
    }
    return [...found].map(([path, forMs]) => ({ path, forMs }))
  }
}

/** Those of this process: it has one set of threads. */
export const fileWaits = new FileWaits()

/** A file that hangs, in a sentence for a person. */
export function describeHanging({ path, forMs }: HangingFile): string {
  return `${path} has not answered for ${Math.floor(forMs / 1000)} s: its disk or its network file system hangs, or this machine is overloaded`
}
