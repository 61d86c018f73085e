import { createReadStream, statSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'

/**
 * `dump-server.js FILE`: an Asterisk for one client after the other, in a process of its own. It greets, takes any login,
 * and then says what a dump says. Prints its port.
 */

const GREETING_BYTES = Buffer.byteLength('Asterisk Call Manager/11.0.0\r\n')
/** Without a login a reader of streams is meant: it gets the dump as it is. */
const LOGIN_MS = 500

const [file = ''] = process.argv.slice(2)

function serve(socket: Socket): void {
  let asked = ''
  const login = setTimeout(() => play(socket), LOGIN_MS)
  socket.on('error', () => {})
  socket.on('data', (bytes) => {
    asked += bytes
    if (!/login/i.test(asked) || !asked.includes('\r\n\r\n')) return
    clearTimeout(login)
    socket.removeAllListeners('data').resume()
    const id = /^actionid: *(.*)\r$/im.exec(asked)?.[1] ?? ''
    socket.write(`Response: Success\r\nActionID: ${id}\r\nMessage: Authentication accepted\r\n\r\n`)
    // Some clients begin to listen to events only when they have read the answer.
    setTimeout(() => play(socket), 100)
  })
  socket.write('Asterisk Call Manager/11.0.0\r\n')
}

function play(socket: Socket): void {
  const end = statSync(file).size - 1
  createReadStream(file, { start: GREETING_BYTES, end, highWaterMark: 1024 * 1024 }).pipe(socket)
}

const server = createServer(serve).listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as { port: number }).port}\n`)
})
