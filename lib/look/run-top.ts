import type { Key } from 'node:readline'
import type { DaemonClient } from './daemon-client.ts'
import { LookedAt } from './looked-at.ts'
import { Terminal } from './terminal.ts'
import { chosenCalls, columnBehind, roomForCalls, type TopView, topScreen } from './top-screen.ts'

/** The clock on the screen goes on. */
const EVERY_MS = 1000
const MAX_FILTER = 60

/**
 * Shows the open calls of a daemon on the whole terminal until somebody types q.
 *
 * @param pbx the one of many that is looked at; undefined for all
 * @param hasColours whether rows may stand out by colours
 * @throws Failure if the daemon refuses
 */
export async function runTop(client: DaemonClient, pbx: string | undefined, hasColours: boolean): Promise<void> {
  const end = new AbortController()
  const looked = new LookedAt()
  const view: TopView = { sortedBy: 'SINCE', isReversed: false, filter: '', isTyping: false, scrolled: 0 }
  const draw = (): void => terminal.draw(topScreen(looked, view, terminal.size, Date.now()))
  const terminal = new Terminal({
    hasColours,
    onKey: (text, key) => {
      if (press(view, text, key, looked, terminal.size.rows)) end.abort()
      else draw()
    },
    onResize: draw,
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => end.abort())
  const ticking = setInterval(draw, EVERY_MS)
  draw()
  try {
    await client.listen(
      '/v1/events',
      { lines: '5', pbx },
      end.signal,
      (event) => {
        looked.take(event)
        draw()
      },
      (why) => {
        looked.lose(why)
        draw()
      },
    )
  } finally {
    clearInterval(ticking)
    terminal.close()
  }
}

/** What a key does to the view. @returns whether it ends the program */
export function press(view: TopView, text: string, key: Key, looked: LookedAt, rows: number): boolean {
  const { name = '', ctrl = false, shift = false } = key
  if (ctrl && name === 'c') return true
  if (view.isTyping && name === 'return') view.isTyping = false
  else if (name === 'escape') {
    view.filter = ''
    view.isTyping = false
  } else if (name === 'backspace' && view.filter !== '') view.filter = [...view.filter].slice(0, -1).join('')
  else if (name === 'tab') view.sortedBy = columnBehind(view.sortedBy, shift ? -1 : 1, looked.isOfMany)
  else if (name in SCROLLS) scroll(view, SCROLLS[name] as number, looked, rows)
  else if (!view.isTyping && text === 'q') return true
  else if (!view.isTyping && text === '-') view.isReversed = !view.isReversed
  else if (!view.isTyping && text === '/') view.isTyping = true
  else if (isTyped(text, ctrl) && view.filter.length < MAX_FILTER) {
    view.isTyping = true
    view.filter += text
    view.scrolled = 0
  }
  return false
}

/** By so many rows, or screens. */
const SCROLLS: Readonly<Record<string, number>> = {
  up: -1,
  down: 1,
  pageup: -Number.MAX_SAFE_INTEGER,
  pagedown: Number.MAX_SAFE_INTEGER,
}

function scroll(view: TopView, by: number, looked: LookedAt, rows: number): void {
  const room = roomForCalls(looked, rows)
  const step = Math.max(-room, Math.min(room, by))
  const last = Math.max(0, chosenCalls(looked.calls.values(), view).length - room)
  view.scrolled = Math.max(0, Math.min(last, view.scrolled + step))
}

function isTyped(text: string, ctrl: boolean): boolean {
  return !ctrl && text !== '' && !/\p{C}/u.test(text)
}
