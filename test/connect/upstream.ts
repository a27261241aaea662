import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'
import { createConnectClient } from '../../src/connect/client.ts'
import type { CallContext, CallObservation, ConnectClient, ConnectClientOptions } from '../../src/connect/client.ts'

export const CREDENTIAL = 'ApiKey SU-111-222-333:canary-secret'

/** One request as it came over the wire. */
export interface Exchange {
  readonly index: number
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly head: string
  readonly socket: Socket
  /** Body bytes so far. */
  received (): number
  /** The whole body; rejects when the connection ends before it is there. */
  body (): Promise<Buffer>
  json (status: number, value: unknown, headers?: Readonly<Record<string, string>>): void
  raw (text: string): void
}

export interface Upstream {
  readonly origin: string
  readonly baseUrl: string
  readonly exchanges: readonly Exchange[]
  /** Connections accepted so far, and those open now. */
  connections (): number
  openSockets (): number
  allClosed (): Promise<void>
}

interface Teardown {
  teardown (work: () => unknown): void
}

type Script = (exchange: Exchange) => unknown

/** A scripted server on a raw socket: it sees every byte and can misbehave at any of them. */
export async function startUpstream (t: Teardown, script: Script): Promise<Upstream> {
  const exchanges: Exchange[] = []
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer({ noDelay: true }, (socket) => {
    connections += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => {
      sockets.delete(socket)
      server.emit('gone')
    })
    serve(socket, (exchange) => {
      const numbered = { ...exchange, index: exchanges.length }
      exchanges.push(numbered)
      Promise.resolve(script(numbered)).catch(() => {})
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  const { port } = server.address() as AddressInfo
  const origin = `http://127.0.0.1:${port}`
  return {
    origin,
    baseUrl: `${origin}/public/v1`,
    exchanges,
    connections: () => connections,
    openSockets: () => sockets.size,
    async allClosed () { while (sockets.size > 0) await once(server, 'gone') }
  }
}

function serve (socket: Socket, begin: (exchange: Omit<Exchange, 'index'>) => void): void {
  let buffer: Buffer = Buffer.alloc(0)
  let current: { needed: number, chunks: Buffer[], bytes: number, done: (whole: boolean) => void } | null = null

  const read = (): void => {
    if (current === null) {
      const end = buffer.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = buffer.subarray(0, end).toString('latin1')
      buffer = buffer.subarray(end + 4)
      current = start(head)
    }
    const take = buffer.subarray(0, current.needed - current.bytes)
    buffer = buffer.subarray(take.length)
    current.bytes += take.length
    current.chunks.push(take)
    if (current.bytes < current.needed) return
    current.done(true)
    current = null
    if (buffer.length > 0) read()
  }
  const start = (head: string): NonNullable<typeof current> => {
    const [line = '', ...lines] = head.split('\r\n')
    const [method = '', path = ''] = line.split(' ')
    const headers = Object.fromEntries(lines.map((text) => {
      const colon = text.indexOf(':')
      return [text.slice(0, colon).toLowerCase(), text.slice(colon + 1).trim()]
    }))
    const chunks: Buffer[] = []
    let settle: (whole: boolean) => void = () => {}
    const whole = new Promise<Buffer>((resolve, reject) => {
      settle = (isWhole) => isWhole ? resolve(Buffer.concat(chunks)) : reject(new Error('body cut'))
    })
    whole.catch(() => {})
    const state = { needed: Number(headers['content-length'] ?? 0), chunks, bytes: 0, done: settle }
    // After the first bytes of the body have been counted, so that a script sees what came along with the head.
    queueMicrotask(() => begin({
      method,
      path,
      headers,
      head,
      socket,
      received: () => state.bytes,
      body: () => whole,
      json (status, value, extra = {}) { socket.write(jsonAnswer(status, value, extra)) },
      raw (text) { socket.write(text, 'latin1') }
    }))
    return state
  }
  socket.on('data', (chunk) => {
    buffer = Buffer.concat([buffer, chunk])
    read()
  })
  socket.on('close', () => current?.done(false))
}

/** The object that a path names by the last id in it; X-1 where there is none. */
export function namedIn (path: string): { id: string } {
  return { id: path.split(/[/?]/).findLast((part) => /^[A-Z]+-\d/.test(part)) ?? 'X-1' }
}

export function jsonAnswer (status: number, value: unknown, extra: Readonly<Record<string, string>> = {}): string {
  const body = value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
  const headers = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...extra }
  const lines = Object.entries(headers).map(([name, text]) => `${name}: ${text}\r\n`).join('')
  return `HTTP/1.1 ${status} X\r\n${lines}\r\n${body}`
}

/** A client over a base URL, closed at the end of the test. Retries pause for next to nothing. */
export function startClient (t: Teardown, baseUrl: string, options: Partial<ConnectClientOptions> = {}): ConnectClient {
  const client = createConnectClient({
    baseUrl,
    timeoutMs: 10_000,
    storageHosts: [],
    userAgent: 'connect-usage-bff/test',
    ...options,
    limits: { retryPauseMinMs: 1, retryPauseMaxMs: 2, ...options.limits }
  })
  t.teardown(() => client.close())
  return client
}

/** A context that remembers what was observed. */
export function context (extra: Partial<CallContext> = {}): CallContext & { readonly seen: CallObservation[] } {
  const seen: CallObservation[] = []
  return { credential: CREDENTIAL, requestId: 'req-1', observe: (one) => { seen.push(one) }, seen, ...extra }
}

/** What a promise rejects with. */
export async function failure (promise: Promise<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await promise
  } catch (error) {
    return error as Error & Record<string, unknown>
  }
  throw new Error('it did not fail')
}
