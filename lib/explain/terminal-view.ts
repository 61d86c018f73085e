import { oneLine } from '../text/one-line.ts'
import { boundsOf, type CallEvent, type ExplainedCall } from './call.ts'
import { headingOf } from './heading.ts'
import { NOTE_STYLES, type Style, styled } from './terminal-style.ts'
import { counted, noteText, omittedOf, seconds, timeOf, type View, whyNothing } from './view.ts'

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
          oneLine(`  ${name} ${uniqueid}${begin === undefined ? ', its beginning is not in the dump' : ''}`),
        ),
      ),
      ...call.events.flatMap((event) => this.event(event, begin)),
      ...(omitted === undefined ? [] : [`  ${omitted}`]),
      ...(nothing === undefined ? [] : [this.styled('yellow', `${' '.repeat(12)}- ${nothing}`)]),
      ...(call.isOver ? [] : [this.styled('dim', `${' '.repeat(12)}the dump ends before this call`)]),
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
    return `${counted(listed, 'call')}: use --call, --queue or --number to explain some of them\n`
  }

  private event({ at, text, notes }: CallEvent, begin: number): string[] {
    return [
      `${seconds(at - begin).padStart(11)} ${oneLine(text)}`,
      ...notes.map((note) => this.styled(NOTE_STYLES[note.kind], oneLine(`${' '.repeat(12)}${noteText(note)}`))),
    ]
  }

  private styled(style: Style, text: string): string {
    return this.hasColours ? styled(style, text) : text
  }
}
