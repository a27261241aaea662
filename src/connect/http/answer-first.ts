import { Socket } from 'node:net'
import type { buildConnector } from 'undici'

/** How long an answer may take that was on its way when writing failed. */
const GRACE_MS = 500

type WriteDone = (error?: Error | null) => void

/**
 * A connector whose sockets look for an answer before they tell that they cannot be written to. A server that refuses
 * an upload early answers and closes; Node gives the socket up at the next write, and with it the answer that has
 * arrived (nodejs/node#12339, nodejs/node#54366).
 */
export function answeringFirst (connect: buildConnector.connector): buildConnector.connector {
  return (target, callback) => {
    connect(target, (...result) => {
      const [, socket] = result
      // Without one where connecting failed, whatever the types say.
      if (socket instanceof Socket) lookBeforeFailing(socket)
      callback(...result)
    })
  }
}

function lookBeforeFailing (socket: Socket): void {
  const patient = (done: WriteDone): WriteDone => (error) => {
    if (error === null || error === undefined) return done()
    // Reading goes on in between: it ends with the answer, with the end of the connection, or not at all.
    const tell = (): void => {
      clearTimeout(timer)
      socket.off('close', tell)
      done(error)
    }
    const timer = setTimeout(tell, GRACE_MS)
    socket.once('close', tell)
  }
  const { _write: write, _writev: writev } = socket
  socket._write = (chunk, encoding, done) => { write.call(socket, chunk, encoding, patient(done)) }
  if (writev !== undefined) socket._writev = (chunks, done) => { writev.call(socket, chunks, patient(done)) }
}
