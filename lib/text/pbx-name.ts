const PBX_NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/
export const PBX_NAME_FORM = 'a name is up to 64 letters, digits and _ . -, and begins with a letter or a digit'

/** Whether a PBX can be called so: its name goes into logs, labels of metrics, and paths. */
export function isPbxName(name: string): boolean {
  // In the folder of states that is the lock of all.
  return PBX_NAME.test(name) && name !== 'lock'
}
