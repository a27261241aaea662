import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { LinkedList } from '../limits/linked-list.ts'

export interface Connection {
  /** The responses that are not over. With pipelining only the first one has the socket, and the others wait. */
  readonly responses: LinkedList<ServerResponse>
  /** When the latest response ended or, before the first one, the socket opened; by `performance.now()`. */
  idleSince: number
}

/**
 * Gives the open sockets of a server. Node's own list of idle connections lacks sockets that never sent a whole
 * request, so a probe that only connects would delay a stop.
 *
 * When a socket closes, Node emits 'close' only on the response that has the socket. Here the pipelined responses that
 * wait get 'close', too: limits and logs need this event.
 */
export function trackConnections (server: Server): ReadonlyMap<Socket, Connection> {
  const connections = new Map<Socket, Connection>()
  server.on('connection', (socket: Socket) => {
    const responses = new LinkedList<ServerResponse>()
    connections.set(socket, { responses, idleSince: performance.now() })
    // Node's own listener runs before this one, so the response that had the socket is no longer in the list.
    socket.once('close', () => {
      connections.delete(socket)
      for (const response of responses.toArray()) {
        response.destroy()
        response.emit('close')
      }
    })
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = connections.get(request.socket)
    if (connection === undefined) return
    const place = connection.responses.add(response)
    response.once('close', () => {
      connection.responses.delete(place)
      connection.idleSince = performance.now()
    })
  })
  return connections
}
