import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from 'selfsigned'

/** The name in the certificates of the lab's servers. */
export const CERTIFIED_NAME = 'asterisk.lab'

/** Makes the certificate of a server's manager port if there is none: certificate and key in one PEM file. */
export async function makeCertificate(root: string, folder: string): Promise<void> {
  if (existsSync(certificateFile(root, folder))) return
  const pem = await generate([{ name: 'commonName', value: CERTIFIED_NAME }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: CERTIFIED_NAME }] }],
  })
  writeFileSync(certificateFile(root, folder), `${pem.cert}\n${pem.private}\n`)
}

export function certificateFile(root: string, folder: string): string {
  return join(root, folder, 'manager.pem')
}
