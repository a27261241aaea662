import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ConnectError } from '../../connect/errors.ts'
import { AppError } from '../../errors/app-error.ts'
import { renderProblem } from '../../errors/problem.ts'
import { toAppError } from '../to-app-error.ts'
import { invalidField } from '../validation.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The methods of an address as a request has it; empty where there is nothing. */
    methodsOf: (url: string) => string[]
  }
  interface FastifyRequest {
    /** The code of the problem this request was answered with, for its log line. */
    problemCode: string | null
  }
}

/** One place that answers errors inside Fastify's life cycle. Those outside of it are below and in socket-errors.ts. */
export const errors = fp(async (app) => {
  const routes: { method: string, pattern: RegExp }[] = []
  /** Addresses without variables, with their methods: `summary` is no file, whatever the method. */
  const fixed = new Map<string, Set<string>>()
  app.addHook('onRoute', (route) => {
    // The preflights' route is everywhere, and so says nothing of an address.
    if (route.url === '*') return
    const pattern = new RegExp(
      `^${route.url
        .replace(/[.+?^$()|[\]\\]/g, '\\$&')
        .replace(/:\w+/g, '[^/]+')
        .replaceAll('*', '.*')}$`
    )
    // Of the root of a prefix, with its slash, Fastify tells the HEAD alone.
    const methods = [route.method].flat().flatMap(method => method === 'HEAD' ? ['GET', method] : [method])
    routes.push(...methods.map(method => ({ method, pattern })))
    if (!/[:*]/.test(route.url)) fixed.set(route.url, new Set([...fixed.get(route.url) ?? [], ...methods]))
  })
  app.decorate('methodsOf', (url) => {
    const path = pathOf(url)
    const methods = fixed.get(path)
    return methods !== undefined
      ? [...methods]
      : [...new Set(routes.filter(route => route.pattern.test(path)).map(route => route.method))]
  })
  app.decorateRequest('problemCode', null)

  app.setErrorHandler(async (error, request, reply) => {
    const problem = toAppError(error)
    if (isOfLeaving(error, reply)) return await sendProblem(problem, request, reply, false)
    // Outside of the API there are no attempts.
    const isRepeat = (request.attempt ?? null)?.earlier != null
    return await sendProblem(isRepeat && isLookLost(problem) ? afterUnknown(problem) : problem, request, reply)
  })
  const notFound = ({ method, url }: FastifyRequest): AppError => {
    const allow = app.methodsOf(url)
    // A wildcard route that finds no file is no wrong method.
    return allow.length > 0 && !allow.includes(method)
      ? new AppError('METHOD_NOT_ALLOWED', `${method} is not possible here, only ${allow.join(', ')}.`, { allow })
      : new AppError('NOT_FOUND', 'There is nothing at this address.')
  }
  // At once: Fastify would first read and parse the body of a request that goes nowhere.
  app.addHook('onRequest', (request, _reply, done) => {
    const names = Object.keys(request.params as object)
    // A caller's variable was empty: `/v1/usage-files/` is not the list, and names no object either. A `*` may be
    // empty.
    const hasEmptyId = names.some(name => (request.params as Record<string, string>)[name] === '' && name !== '*')
    const isOfFixed = names.length > 0 && fixed.get(pathOf(request.url))?.has(request.method) === false
    if (request.is404 || hasEmptyId || isOfFixed) throw notFound(request)
    done()
  })
  app.setNotFoundHandler(async (request, reply) => await sendProblem(notFound(request), request, reply))
  // A HEAD is answered as its GET, without the body. Fastify would read a whole workbook just to throw it away.
  app.addHook('onSend', (request, _reply, payload, done) => {
    if (request.method === 'HEAD' && payload instanceof Readable) payload.destroy()
    done(null, payload)
  })
}, { name: 'errors' })

/** Whatever Connect answers to a read then, it is no word about the change. */
function isLookLost ({ statusCode, options: { cause } }: AppError): boolean {
  return statusCode >= 500 || (cause instanceof ConnectError && cause.method === 'GET')
}

/** What fails while an earlier attempt of unknown outcome is looked for leaves that one as unknown as it was. */
function afterUnknown (problem: AppError): AppError {
  if (problem.code === 'OUTCOME_UNKNOWN') return problem
  return new AppError(
    'OUTCOME_UNKNOWN',
    'An earlier request with this Idempotency-Key was sent to Connect, and what became of it cannot be looked up ' +
    'now. Send the same request again.',
    { retryAfterSeconds: problem.options.retryAfterSeconds ?? 1, cause: problem }
  )
}

/** How streams and sockets say that the other side is gone. */
const GONE: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ERR_STREAM_PREMATURE_CLOSE'])

/**
 * What fails because the caller left is no fault: a body or an answer that was cut, or a call to Connect that was ended
 * for it. The line of the request says 499, or that the answer is not complete. A call that ends because this service
 * stops has a caller that waits. Everything else is a fault, also with the caller gone: a write in doubt above all.
 */
function isOfLeaving (error: unknown, { raw }: FastifyReply): boolean {
  if (!raw.destroyed || raw.writableFinished) return false
  if (error instanceof ConnectError) return error.kind === 'aborted' || error.kind === 'body'
  return GONE.has((error as { code?: unknown } | null | undefined)?.code)
}

/** Of a problem that is not told (`isTold`), neither the log nor the counters hear: nobody gets the answer. */
async function sendProblem (
  error: AppError, request: FastifyRequest, reply: FastifyReply, isTold = true
): Promise<FastifyReply> {
  const { status, headers, body } = renderProblem(error, pathOf(request.url), request.id)
  if (isTold) request.problemCode = error.code
  if (isTold && status >= 500) request.log.error({ err: error }, 'request failed')
  return await reply.code(status).headers(headers).send(JSON.stringify(body))
}

/** `instance` names the resource; the query may hold what is nobody else's business, and a full URL names the host. */
function pathOf (url: string): string {
  return url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0] || '/'
}

/**
 * Addresses that the router itself refuses (bad escapes, over-long parameters): Fastify has no hooks there, so the
 * headers that hooks would set are handed in.
 */
export function createFrameworkErrors (headersOf: (request: FastifyRequest) => Record<string, string>) {
  return (error: Error & { code?: string }, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = invalidField(
      'path',
      error.code === 'FST_ERR_MAX_PARAM_LENGTH' ? 'has a part that is too long for an id' : 'cannot be decoded'
    )
    const { status, headers, body } = renderProblem(problem, pathOf(request.url), request.id)
    request.server.watch(request, reply)
    request.problemCode = problem.code
    reply.code(status).headers({ ...headersOf(request), ...headers }).send(JSON.stringify(body))
  }
}
