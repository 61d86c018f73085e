import { strict as assert } from 'node:assert'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { Link } from './link.ts'
import { until } from './patience.ts'

/** A server that says back what it hears, and a link to it. */
async function withLink(play: (link: Link, atServer: Socket[]) => Promise<void>): Promise<void> {
  const atServer: Socket[] = []
  const server = createServer((socket) => {
    atServer.push(socket)
    socket.pipe(socket)
    socket.on('error', () => {})
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const link = await Link.open(0, (server.address() as AddressInfo).port)
  try {
    await play(link, atServer)
  } finally {
    await link.cut()
    server.close()
  }
}

/** A connection over the link that is up, and what was said back to it. */
async function connected(link: Link): Promise<{ socket: Socket; heard: () => string }> {
  const socket = connect(link.port, '127.0.0.1')
  let heard = ''
  socket.on('data', (bytes) => {
    heard += bytes.toString()
  })
  socket.on('error', () => {})
  socket.write('one ')
  await until(() => heard === 'one ', 'an echo')
  return { socket, heard: () => heard }
}

test('over a link that is frozen nothing passes, and all of it comes when it thaws', () =>
  withLink(async (link) => {
    const { socket, heard } = await connected(link)
    link.freeze()
    socket.write('two ')
    for (let turns = 0; turns < 50; turns++) await turn()
    assert.equal(heard(), 'one ')
    link.thaw()
    await until(() => heard() === 'one two ', 'what waited')
    socket.destroy()
  }))

test('a link that is cut ends the connection for both sides, and takes none until it is mended', () =>
  withLink(async (link, atServer) => {
    const { socket } = await connected(link)
    const bothEnd = Promise.all([once(socket, 'close'), once(atServer[0] as Socket, 'close')])
    await link.cut()
    await bothEnd
    const [refused] = await once(connect(link.port, '127.0.0.1'), 'error')
    assert.equal(refused.code, 'ECONNREFUSED')
    await link.mend()
    const { socket: again } = await connected(link)
    again.destroy()
  }))
