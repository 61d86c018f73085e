import { mkdirSync, writeFileSync } from "node:fs"
import { imageOf, installBootTools } from './image.ts'
import { Machine } from './machine.ts'
// node dist/test/boot/try.js suite[,beside] filesdir fifo: keeps a machine for commands from files
const [suite = '', files = '', io = ''] = process.argv.slice(2)
const [name = '', beside] = suite.split(',')
await installBootTools()
console.error(new Date(), 'image')
const image = await imageOf({ suite: name, beside })
console.error(new Date(), 'boot')
mkdirSync(io, { recursive: true })
const machine = await Machine.boot(image, files)
console.error(new Date(), 'booted')
writeFileSync(`${io}/ready`, '')
const { createServer } = await import('node:http')
createServer(async (request, response) => {
  let body = ''
  for await (const piece of request) body += piece
  if (request.url === '/reboot') { await machine.reboot(); response.end('ok'); return }
  if (request.url === '/stop') { response.end(); await machine.stop(); process.exit() }
  try {
    const { code, stdout, stderr } = await machine.run(body, 300)
    response.end(stdout + (stderr ? `--- stderr\n${stderr}` : '') + (code ? `--- code ${code}\n` : ''))
  } catch (error) { response.end(String(error)) }
}).listen(`${io}/sock`)
