import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import type { buildConnector } from 'undici'
import { answeringFirst } from '../../src/connect/http/answer-first.ts'

const ANSWER = 'HTTP/1.1 429 X\r\nretry-after: 7\r\n\r\n'

/** A socket to a server that says something and is gone before anybody listens to it. */
async function startLate (t: Test, says: string): Promise<Socket> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.write(says)
    // What still comes is answered with a reset.
    socket.destroySoon()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { server.close() })
  const { port } = server.address() as AddressInfo
  const gone = new Promise<void>(resolve => {
    server.once('connection', socket =>
      socket.once('close', () => {
        resolve()
      })
    )
  })
  const toServer: buildConnector.connector = (_target, callback) => {
    const socket = connect(port, '127.0.0.1')
    socket.pause()
    socket.once('connect', () => { callback(null, socket) })
  }
  const socket = await new Promise<Socket>((resolve, reject) => {
    answeringFirst(toServer)({} as buildConnector.Options, (error, socket) => {
      if (socket === null) reject(error)
      else resolve(socket)
    })
  })
  t.teardown(() => { socket.destroy() })
  await gone
  return socket
}

/** Writes until the system refuses: the first write after a reset still goes through. */
function writeOn (socket: Socket): void {
  const more = setInterval(() => { if (!socket.destroyed) socket.write(Buffer.alloc(100_000)) }, 1)
  socket.once('close', () => { clearInterval(more) })
}

t.test('an answer that has arrived is read, although the write fails', async (t) => {
  const socket = await startLate(t, ANSWER)
  writeOn(socket)
  // Long after the refused write, as far as events go.
  for (let i = 0; i < 50; i += 1) await new Promise(resolve => setTimeout(resolve, 1))
  t.equal(socket.destroyed, false)
  socket.on('error', () => {})
  t.equal(await text(socket).catch(() => 'nothing'), ANSWER)
})

t.test('without an answer the failure is reported once and soon', async (t) => {
  const socket = await startLate(t, '')
  const errors: unknown[] = []
  socket.on('error', (error) => { errors.push(error) })
  writeOn(socket)
  await new Promise((resolve) => { socket.once('close', resolve) })
  t.match(errors, [{ code: /^(EPIPE|ECONNRESET)$/ }])
})

t.test('a failed connect is reported without a wait for an answer', async (t) => {
  const refused = answeringFirst((_target, callback) => { callback(new Error('no'), null) })
  const error = await new Promise(resolve => {
    refused({} as buildConnector.Options, (...[error]) => {
      resolve(error)
    })
  })
  t.match(error, { message: 'no' })
})
