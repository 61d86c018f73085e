/** A text as it stands in a message. */
export function quoted(argument: string): string {
  return JSON.stringify(argument.length > 80 ? `${argument.slice(0, 80)}…` : argument)
}
