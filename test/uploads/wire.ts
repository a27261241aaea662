import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { VENDOR_KEY, type Teardown } from '../helper.ts'

/** One answer as it came over the wire. */
export interface WireAnswer {
  status: number
  headers: Record<string, string>
  text: string
  json: Record<string, unknown>
}

export interface RequestHead {
  path: string
  headers?: Record<string, string>
  method?: string
  key?: string | null
}

/** How a body is cut into writes. */
export type Split = 'whole' | 'bytes' | { seed: number, maxBytes: number }

/** A caller on a bare socket: it can leave, fall silent and lie at any byte. */
export interface WireClient {
  readonly socket: Socket
  readonly isClosed: () => boolean
  /** Writes and lets the other side read; resolves early when the connection is gone. */
  send: (bytes: Buffer | string) => Promise<void>
  sendHead: (head: RequestHead) => Promise<void>
  sendBody: (body: Buffer, split?: Split) => Promise<void>
  /** The same as chunks, with the last one unless told otherwise. */
  sendChunked: (body: Buffer, split?: Split, isWhole?: boolean) => Promise<void>
  /** The next answer; rejects when the connection ends before it is complete. */
  answer: () => Promise<WireAnswer>
  /** The next answer to a HEAD, which says how long a body it does not have would be. */
  head: () => Promise<WireAnswer>
  closed: () => Promise<void>
}

export async function connectTo (t: Teardown, port: number): Promise<WireClient> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  let received: Buffer = Buffer.alloc(0)
  let isClosed = false
  socket.on('error', () => {})
  socket.on('data', (chunk) => { received = Buffer.concat([received, chunk]) })
  socket.on('end', () => { isClosed = true })
  socket.on('close', () => { isClosed = true })
  t.teardown(() => { socket.destroy() })
  await once(socket, 'connect')

  const send = async (bytes: Buffer | string): Promise<void> => {
    if (socket.destroyed || !socket.writable) return
    const isTaken = socket.write(bytes)
    if (!isTaken) {
      const stop = new AbortController()
      const gone = once(socket, 'close', { signal: stop.signal }).catch(() => {})
      await Promise.race([once(socket, 'drain', { signal: stop.signal }).catch(() => {}), gone])
      stop.abort()
    }
    await turn()
  }
  const next = async (isHead: boolean): Promise<WireAnswer> => {
    for (;;) {
      const parsed = parseAnswer(received, isHead)
      if (parsed !== null) {
        received = received.subarray(parsed.bytes)
        return parsed.answer
      }
      if (isClosed) throw new Error(`closed after ${received.length} bytes of an answer`)
      const stop = new AbortController()
      await Promise.race(
        ['data', 'end', 'close'].map(async event => {
          await once(socket, event, { signal: stop.signal }).catch(() => {})
        })
      )
      stop.abort()
    }
  }
  const client: WireClient = {
    socket,
    isClosed: () => isClosed,
    send,
    sendHead: async ({ path, headers = {}, method = 'POST', key = VENDOR_KEY }) => {
      const all = { host: 'bff', ...(key !== null && { 'x-api-key': key }), ...headers }
      await send(
        `${method} ${path} HTTP/1.1\r\n${Object.entries(all)
          .map(([name, value]) => `${name}: ${value}\r\n`)
          .join('')}\r\n`
      )
    },
    sendBody: async (body, split = 'whole') => {
      for (const piece of pieces(body, split)) await send(piece)
    },
    sendChunked: async (body, split = 'whole', isWhole = true) => {
      for (const piece of pieces(body, split)) {
        await send(Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]))
      }
      if (isWhole) await send('0\r\n\r\n')
    },
    answer: async () => await next(false),
    head: async () => await next(true),
    closed: async () => {
      if (!socket.destroyed) {
        socket.end()
        await once(socket, 'close')
      }
    }
  }
  return client
}

function parseAnswer (received: Buffer, isHead: boolean): { answer: WireAnswer, bytes: number } | null {
  const headEnd = received.indexOf('\r\n\r\n')
  if (headEnd === -1) return null
  const [line = '', ...lines] = received.toString('latin1', 0, headEnd).split('\r\n')
  const headers = Object.fromEntries(lines.map((text): [string, string] => {
    const colon = text.indexOf(':')
    return [text.slice(0, colon).toLowerCase(), text.slice(colon + 1).trim()]
  }))
  const status = Number(line.split(' ')[1])
  const bytes = headEnd + 4 + (isHead || status === 304 ? 0 : Number(headers['content-length'] ?? 0))
  if (received.length < bytes) return null
  const text = received.toString('utf8', headEnd + 4, bytes)
  const json =
    headers['content-type']?.includes('json') === true && text !== ''
      ? (JSON.parse(text) as Record<string, unknown>)
      : {}
  return { answer: { status, headers, text, json }, bytes }
}

export function * pieces (body: Buffer, split: Split): Generator<Buffer> {
  if (body.length === 0) return
  if (split === 'whole') return yield body
  const random = split === 'bytes' ? () => 0 : randomFrom(split.seed)
  const maxBytes = split === 'bytes' ? 1 : split.maxBytes
  for (let at = 0; at < body.length;) {
    const size = 1 + Math.floor(random() * maxBytes)
    yield body.subarray(at, at + size)
    at += size
  }
}

/** mulberry32: the same seed, the same bodies and cuts. */
export function randomFrom (seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let value = Math.imul(state ^ (state >>> 15), 1 | state)
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296
  }
}
