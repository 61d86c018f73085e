import type { AmiMessage } from '../ami/message.ts'

/** The number in a header such as CallerIDNum; '' if it is not known, for which Asterisk writes `<unknown>`. */
export function numberIn(message: AmiMessage, header: string): string {
  const number = message.get(header) ?? ''
  return number === '<unknown>' ? '' : number
}
