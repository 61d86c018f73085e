import { oneLine } from '../text/one-line.ts'
import { boundsOf, type CallEvent, type ExplainedCall, type Note } from './call.ts'
import { headingOf } from './heading.ts'
import { counted, omittedOf, seconds, timeOf, type View, whyNothing } from './view.ts'

/** As terminals understand them: how a text begins that is shown so. */
const STYLES = { bold: 1, dim: 2, green: 32, yellow: 33, cyan: 36 } as const

type Style = keyof typeof STYLES

const NOTES: Readonly<Record<Note['kind'], { mark: string; style: Style }>> = {
  line: { mark: '>', style: 'green' },
  asterisk: { mark: '*', style: 'cyan' },
  reason: { mark: '-', style: 'yellow' },
}

/** Calls as text: a time line, under each event the lines that it caused, and why there is none. */
export class TerminalView implements View {
  readonly listsMany = true
  private readonly hasColours: boolean

  constructor(hasColours: boolean) {
    this.hasColours = hasColours
  }

  head(): string {
    return ''
  }

  call(call: ExplainedCall): string {
    const { begin } = boundsOf(call)
    const nothing = whyNothing(call)
    const omitted = omittedOf(call)
    const title = call.id === '' ? headingOf(call) : `Call ${call.id}  ${headingOf(call)}`
    return [
      this.styled('bold', oneLine(title)),
      `  ${timeOf(call)}, ${counted(call.lines, 'line')}`,
      ...call.channels.map(({ name, uniqueid, begin }) =>
        this.styled(
          'dim',
          oneLine(`  ${name} ${uniqueid}${begin === undefined ? ', its beginning was not seen' : ''}`),
        ),
      ),
      ...call.events.flatMap((event) => this.event(event, begin)),
      ...(omitted === undefined ? [] : [`  ${omitted}`]),
      ...(nothing === undefined ? [] : [this.styled('yellow', `${' '.repeat(12)}- ${nothing}`)]),
      ...(call.isOver ? [] : [this.styled('dim', `${' '.repeat(12)}the dump does not tell its end`)]),
      '',
      '',
    ].join('\n')
  }

  summary(call: ExplainedCall): string {
    const id = call.id || '(members)'
    return `${oneLine(`${id}  ${timeOf(call)}  ${counted(call.lines, 'line')}  ${headingOf(call)}`)}\n`
  }

  tail(listed: number): string {
    if (listed === 0) return ''
    return `${counted(listed, 'call')}: --call, --queue or --number explains some of them\n`
  }

  private event({ at, text, notes }: CallEvent, begin: number): string[] {
    return [
      `${seconds(at - begin).padStart(11)} ${oneLine(text)}`,
      ...notes.map(({ kind, text, tracker }) => {
        const { mark, style } = NOTES[kind]
        return this.styled(
          style,
          oneLine(`${' '.repeat(12)}${mark} ${text}${kind === 'reason' && tracker ? ` (${tracker})` : ''}`),
        )
      }),
    ]
  }

  private styled(style: Style, text: string): string {
    return this.hasColours ? `\u001b[${STYLES[style]}m${text}\u001b[0m` : text
  }
}
