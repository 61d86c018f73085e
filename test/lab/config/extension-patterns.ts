/** The numbers of lanes have up to three digits. */
const PATTERNS = ['_1X0X', '_1XX0X', '_1XXX0X']

/** The same for the extensions of all lanes. @param lines what stands behind `exten => PATTERN,` */
export function ofExtensions(lines: string): string {
  return PATTERNS.map((pattern) => `exten => ${pattern},${lines}`).join('\n')
}
