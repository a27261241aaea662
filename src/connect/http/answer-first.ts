import { Socket } from 'node:net'
import type { buildConnector } from 'undici'

const GRACE_MS = 500

type WriteDone = (error?: Error | null) => void

/**
 * Gives a connector (undici's function that opens sockets). Before its sockets report that a write failed, they read on
 * for up to GRACE_MS. A server that refuses an upload early sends its answer and closes the connection. Without this
 * pause Node.js destroys the socket at the next write, together with the answer that has arrived (nodejs/node#12339,
 * nodejs/node#54366).
 */
export function answeringFirst (connect: buildConnector.connector): buildConnector.connector {
  return (target, callback) => {
    connect(target, (...result) => {
      const [, socket] = result
      // After a failed connection there is no socket here, although the type says that there is one.
      if (socket instanceof Socket) delayWriteErrors(socket)
      callback(...result)
    })
  }
}

function delayWriteErrors (socket: Socket): void {
  const delayed = (done: WriteDone): WriteDone => (error) => {
    if (error === null || error === undefined) return done()
    const report = (): void => {
      clearTimeout(timer)
      socket.off('close', report)
      done(error)
    }
    const timer = setTimeout(report, GRACE_MS)
    socket.once('close', report)
  }
  const { _write: write, _writev: writev } = socket
  socket._write = (chunk, encoding, done) => { write.call(socket, chunk, encoding, delayed(done)) }
  if (writev !== undefined) socket._writev = (chunks, done) => { writev.call(socket, chunks, delayed(done)) }
}
