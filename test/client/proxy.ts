import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Teardown } from '../helper.ts'

/**
 * What the proxy does with a request. `pass`: sends it on. `drop`: closes the connection and sends nothing on. `lose`:
 * sends it on and closes the connection instead of the answer. `leave`: sends it on, keeps that connection, and closes
 * the one of the client at once. A status: answers it without a problem, and sends
 * nothing on. `cutAfter`: passes on so many lines of the answer, then closes the connection.
 */
export type Step =
  'pass' | 'drop' | 'lose' | 'leave' | { status: number, headers?: Record<string, string> } | { cutAfter: number }

export interface Seen {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: Buffer
}

export interface Proxy {
  baseUrl: string
  /** The requests, in order. */
  seen: Seen[]
  /** What becomes of the next requests; those after them pass. */
  steps: Step[]
}

/** Starts what stands between a client and the service on a bad line. It adds headers to each request. */
export async function startProxy (
  t: Teardown, origin: string, added: Record<string, string> = {}
): Promise<Proxy> {
  const seen: Seen[] = []
  const steps: Step[] = []
  const server = createServer((request, response) => { void handle(request, response) })
  async function handle (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const step = steps.shift() ?? 'pass'
    const body = Buffer.concat(await request.toArray() as Buffer[])
    const { method = '', url: path = '', headers } = request
    seen.push({ method, path, headers, body })
    if (step === 'drop') request.socket.destroy()
    else if (typeof step === 'object' && 'status' in step) response.writeHead(step.status, step.headers).end('<html>')
    else passOn({ method, path, headers, body }, response, step)
  }
  function passOn ({ method, path, headers, body }: Seen, response: ServerResponse, step: Step): void {
    const { 'transfer-encoding': _, ...kept } = headers
    const upstream = httpRequest(origin + path, {
      method, headers: { ...kept, ...added, 'content-length': body.length }
    }, answer => { sendBack(answer, response, step) })
    upstream.on('error', () => { response.destroy() })
    if (step === 'leave') response.destroy()
    else response.once('close', () => { upstream.destroy() })
    upstream.end(body)
  }
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, steps }
}

function sendBack (answer: IncomingMessage, response: ServerResponse, step: Step): void {
  if (step === 'lose' || step === 'leave') {
    answer.resume().once('end', () => { response.destroy() })
    return
  }
  response.writeHead(answer.statusCode ?? 500, answer.headers)
  if (typeof step === 'string' || !('cutAfter' in step)) {
    answer.pipe(response)
    return
  }
  let left = step.cutAfter
  answer.on('data', (piece: Buffer) => {
    const lines = piece.toString().split(/(?<=\n)/)
    response.write(lines.slice(0, left).join(''), () => { if (left <= 0) response.destroy() })
    left -= lines.length
  })
}
