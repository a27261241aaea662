import { setTimeout as sleep } from 'node:timers/promises'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { Readable, Transform } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Fault, FaultRule } from '../fault-book.ts'

const html = '<html><body>Bad gateway</body></html>'
const codes: Readonly<Record<number, string>> = {
  400: 'VAL_001',
  401: 'AUTH_001',
  403: 'AUTH_002',
  404: 'SYS_404',
  429: 'SYS_429'
}
const envelope = (code: number): unknown => ({
  error_code: codes[code] ?? 'SYS_001',
  errors: [`Planned fault ${code}.`]
})

/** Carries out a planned fault in place of the operation. Only after a `delay` the operation follows. */
export async function strikeBefore (request: FastifyRequest, reply: FastifyReply, rule: FaultRule): Promise<unknown> {
  const { fault, afterBytes = 0 } = rule
  if (afterBytes > 0 && fault.type !== 'delay') await receive(request.raw, afterBytes)
  // When the answer is sent, the rest of the body is read and dropped. Node.js does not do that for a body of which a
  // part was read, and the unread bytes would block the next request on the connection.
  reply.raw.once('finish', () => request.raw.resume())
  switch (fault.type) {
    case 'delay': return await sleep(fault.ms)
    case 'reset':
      reply.hijack()
      return request.raw.socket.resetAndDestroy()
    case 'hang': return reply.hijack()
    case 'truncate':
      reply.hijack()
      reply.raw.writeHead(200, { 'content-type': 'application/json', 'content-length': 4096 })
      return reply.raw.write('[{"id":"UF-', () => request.raw.socket.destroySoon())
    case 'wrongType': return await reply.code(200).type('text/html').send(html)
    case 'status':
      return await reply.code(fault.code).headers(fault.headers ?? {}).send(fault.body ?? envelope(fault.code))
    case 'throttle':
      return await reply.code(429).header('retry-after', String(fault.retryAfter)).send(envelope(429))
  }
}

async function receive (raw: IncomingMessage, bytes: number): Promise<void> {
  let left = bytes
  await new Promise<void>((resolve) => {
    const take = (chunk: Buffer): void => {
      left -= chunk.length
      if (left > 0) return
      raw.off('data', take)
      raw.pause()
      resolve()
    }
    raw.on('data', take)
    raw.once('close', resolve)
    raw.once('end', resolve)
  })
}

/** Carries out a planned fault after the operation. Gives the body to send, which may be `payload` itself. */
export async function strikeAfter (
  request: FastifyRequest,
  reply: FastifyReply,
  fault: Fault,
  payload: unknown
): Promise<unknown> {
  const { socket } = request.raw
  switch (fault.type) {
    case 'delay':
      await sleep(fault.ms)
      return payload
    case 'reset':
      socket.resetAndDestroy()
      return payload
    case 'hang':
      if (!socket.destroyed) await once(socket, 'close')
      return payload
    case 'truncate':
      return truncate(reply, socket, payload)
    case 'wrongType':
      reply.code(200).type('text/html').removeHeader('content-length')
      return html
    case 'status':
    case 'throttle': {
      const code = fault.type === 'status' ? fault.code : 429
      const body = fault.type === 'status' ? (fault.body ?? envelope(code)) : envelope(code)
      if (fault.type === 'throttle') reply.header('retry-after', String(fault.retryAfter))
      else reply.headers(fault.headers ?? {})
      const type = typeof body === 'string' ? 'text/plain' : 'application/json'
      reply.code(code).type(type).removeHeader('content-length')
      return typeof body === 'string' ? body : JSON.stringify(body)
    }
  }
}

/** Gives a body of half the announced length. It is a stream: Fastify corrects the length of anything else. */
function truncate (reply: FastifyReply, socket: FastifyRequest['raw']['socket'], payload: unknown): Readable {
  const isWhole = typeof payload === 'string' || Buffer.isBuffer(payload)
  const source = isWhole ? Readable.from([Buffer.from(payload as string)]) : payload as Readable
  const length = isWhole ? Buffer.byteLength(payload as string) : Number(reply.getHeader('content-length') ?? 0)
  reply.header('content-length', length)
  reply.raw.once('finish', () => socket.destroySoon())
  let left = Math.floor(length / 2)
  return source.pipe(new Transform({
    transform (chunk: Buffer, _encoding, done) {
      const kept = chunk.subarray(0, left)
      left -= kept.length
      done(null, kept)
    }
  }))
}
