import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../../errors/app-error.ts'
import { renderProblem } from '../../errors/problem.ts'
import { isCausedByLeaving } from '../client-signal.ts'
import { toAppError } from '../to-app-error.ts'
import { invalidField } from '../validation.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The methods of an address as a request has it; empty where there is nothing. */
    methodsOf: (url: string) => string[]
  }
}

/** One place that answers errors inside Fastify's life cycle. Those outside of it are below and in socket-errors.ts. */
export const errors = fp(async (app) => {
  const { methodsOf, hasOtherMethod } = knownRoutes(app)
  app.decorate('methodsOf', methodsOf)
  app.setErrorHandler(async (error, request, reply) => {
    const problem = toAppError(error)
    return await sendProblem(problem, request, reply, !isCausedByLeaving(error, reply))
  })
  const notFound = ({ method, url }: FastifyRequest): AppError => {
    const allow = methodsOf(url)
    // A wildcard route that finds no file is no wrong method.
    return allow.length > 0 && !allow.includes(method)
      ? new AppError('METHOD_NOT_ALLOWED', `${method} is not possible here, only ${allow.join(', ')}.`, { allow })
      : new AppError('NOT_FOUND', 'There is nothing at this address.')
  }
  // In onRequest, because Fastify reads and parses the body before it calls the not-found handler.
  app.addHook('onRequest', (request, _reply, done) => {
    const names = Object.keys(request.params as object)
    // An id is empty, as in `/v1/usage-files/`: that is not the list, and names no file. A `*` may be empty.
    const hasEmptyId = names.some(name => (request.params as Record<string, string>)[name] === '' && name !== '*')
    const isFixed = names.length > 0 && hasOtherMethod(request)
    if (request.is404 || hasEmptyId || isFixed) throw notFound(request)
    done()
  })
  app.setNotFoundHandler(async (request, reply) => await sendProblem(notFound(request), request, reply))
  // A HEAD is answered as its GET, without the body. Fastify would read a whole workbook just to throw it away.
  app.addHook('onSend', (request, _reply, payload, done) => {
    if (request.method === 'HEAD' && payload instanceof Readable) payload.destroy()
    done(null, payload)
  })
}, { name: 'errors' })

interface KnownRoutes {
  methodsOf: (url: string) => string[]
  /** Whether the address has no variables, and not the method: `summary` is never the id of a file. */
  hasOtherMethod: (request: FastifyRequest) => boolean
}

/** Collects the routes as they are registered. */
function knownRoutes (app: FastifyInstance): KnownRoutes {
  const routes: { method: string, pattern: RegExp }[] = []
  /** The methods of each address without variables. */
  const fixed = new Map<string, Set<string>>()
  app.addHook('onRoute', (route) => {
    // The route of the preflights matches every address.
    if (route.url === '*') return
    const pattern = new RegExp(
      `^${route.url
        .replace(/[.+?^$()|[\]\\]/g, '\\$&')
        .replace(/:\w+/g, '[^/]+')
        .replaceAll('*', '.*')}$`
    )
    // For the root of a prefix, with its slash, Fastify names only HEAD.
    const methods = [route.method].flat().flatMap(method => method === 'HEAD' ? ['GET', method] : [method])
    routes.push(...methods.map(method => ({ method, pattern })))
    if (!/[:*]/.test(route.url)) fixed.set(route.url, new Set([...fixed.get(route.url) ?? [], ...methods]))
  })
  return {
    hasOtherMethod: ({ method, url }) => fixed.get(pathOf(url))?.has(method) === false,
    methodsOf: url => {
      const path = pathOf(url)
      const methods = fixed.get(path)
      return methods !== undefined
        ? [...methods]
        : [...new Set(routes.filter(route => route.pattern.test(path)).map(route => route.method))]
    }
  }
}

/** Without `isTold` neither the log nor the metrics get the problem: the caller has left. */
async function sendProblem (
  error: AppError, request: FastifyRequest, reply: FastifyReply, isTold = true
): Promise<FastifyReply> {
  const { status, headers, body } = renderProblem(error, pathOf(request.url), request.id)
  if (isTold) noteProblem(request, error)
  if (isTold && status >= 500) request.log.error({ err: error }, 'request failed')
  return await reply.code(status).headers(headers).send(JSON.stringify(body))
}

function noteProblem ({ journal }: FastifyRequest, { code, options }: AppError): void {
  journal.add({ kind: 'problem', code, currentStatus: options.extra?.['currentStatus'] })
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
    request.server.beginJournal(request, reply)
    noteProblem(request, problem)
    reply.code(status).headers({ ...headersOf(request), ...headers }).send(JSON.stringify(body))
  }
}
