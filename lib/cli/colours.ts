/** Whether stdout is for eyes that want colours (https://no-color.org). */
export function hasColours(): boolean {
  const { NO_COLOR = '' } = process.env
  return process.stdout.isTTY === true && NO_COLOR === ''
}
