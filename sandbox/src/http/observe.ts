import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { maskHeaders } from '../ledger.ts'
import type { LedgerEntry } from '../ledger.ts'
import { nowOf } from '../sandbox.ts'
import type { Sandbox } from '../sandbox.ts'
import type { Fault } from '../fault-book.ts'
import { controlPath } from './control.ts'
import { strikeAfter, strikeBefore } from './faults.ts'
import { entryOf } from './request-context.ts'

/**
 * Writes requests into the ledger, also refused ones and those with an unknown path, and carries out planned faults.
 * Exceptions: requests to `/__control`, and those that Fastify itself answers, such as a path that cannot be decoded.
 */
export function addObservation (app: FastifyInstance, sandbox: Sandbox): void {
  app.decorateRequest('sandboxEntry', null)
  app.decorateRequest('sandboxFault', null)

  app.addHook('onRequest', async (request, reply) => {
    const [path = '', ...query] = (request.raw.url ?? '').split('?')
    if (path.startsWith(controlPath)) return
    const entry = sandbox.ledger.open({
      at: nowOf(sandbox),
      method: request.method,
      path,
      query: query.join('?'),
      headers: maskHeaders(request.headers)
    })
    request.setDecorator<LedgerEntry>('sandboxEntry', entry)
    follow(request, reply, entry)
    const rule = sandbox.faults.strike(request.method, path)
    if (!rule) return
    entry.fault = rule.fault.type
    if (rule.when === 'after') request.setDecorator<Fault>('sandboxFault', rule.fault)
    else await strikeBefore(request, reply, rule)
  })

  app.addHook('onSend', async (request, reply, payload) => {
    // Connect sends the media type of JSON without a charset.
    const isJson = String(reply.getHeader('content-type')).startsWith('application/json')
    if (isJson) reply.header('content-type', 'application/json')
    const entry = entryOf(request)
    if (!entry) return payload
    const fault = request.getDecorator<Fault | null>('sandboxFault')
    const sent = fault ? await strikeAfter(request, reply, fault, payload) : payload
    // When the answer is cut off, `sent` is a stream. The ledger then gets the text from `payload`, which is whole.
    const text = typeof sent === 'string' ? sent : payload
    if (typeof text === 'string' || (isJson && Buffer.isBuffer(text))) sandbox.ledger.keepResponse(entry, text)
    return sent
  })
}

/** The end of the request and the end of the answer are both noted: an early answer ends before its request. */
function follow (request: FastifyRequest, reply: FastifyReply, entry: LedgerEntry): void {
  const { raw } = request
  const { socket } = raw
  const note = (): void => {
    entry.complete = raw.complete
    entry.aborted = !raw.complete && socket.destroyed
    entry.connectionBytes = socket.bytesRead
    entry.status = reply.raw.headersSent ? reply.raw.statusCode : null
    entry.answered = reply.raw.writableFinished
  }
  raw.once('end', note)
  raw.once('close', note)
  reply.raw.once('finish', note)
  reply.raw.once('close', note)
}
