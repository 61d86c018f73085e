import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const manifest = new URL('../../bench/package.json', import.meta.url)

/** The other readers of AMI that are installed. */
export const peers: readonly string[] = Object.keys(JSON.parse(readFileSync(manifest, 'utf8')).dependencies).filter(
  (name) => existsSync(new URL(`node_modules/${name}/package.json`, manifest)),
)

/** Runs dump-server.js as long as `work` takes. */
export async function withDumpServer(file: string, work: (port: number) => Promise<void>): Promise<void> {
  const script = fileURLToPath(new URL('dump-server.js', import.meta.url))
  const server = spawn(process.execPath, [script, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  try {
    const [port] = await server.stdout.setEncoding('utf8').take(1).toArray()
    await work(Number(port))
  } finally {
    server.kill()
  }
}
