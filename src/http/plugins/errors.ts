import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError, invalidField } from '../../errors/app-error.ts'
import { renderProblem } from '../../errors/problem.ts'
import { isCausedByLeaving } from '../client-signal.ts'
import { toAppError } from '../to-app-error.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Gives the methods of the path of `url`; an empty list when the path does not exist. */
    methodsOf: (url: string) => string[]
  }
}

/**
 * Answers errors with problem documents. Must be registered before every route: a route that a plugin registers
 * earlier, such as the preflight route, keeps the error handler of Fastify.
 */
export const errorAnswers = fp(async (app) => {
  app.setErrorHandler(async (error, request, reply) => {
    const problem = toAppError(error)
    return await sendProblem(problem, request, reply, !isCausedByLeaving(error, reply))
  })
}, { name: 'error-answers' })

/** Answers 404 for paths that do not exist, and 405 for methods that a path does not have. */
export const errors = fp(async (app) => {
  const { methodsOf, hasOtherMethod } = knownRoutes(app)
  app.decorate('methodsOf', methodsOf)
  const notFound = ({ method, url }: FastifyRequest): AppError => {
    const allow = methodsOf(url)
    // If the path has the method, a route with `*` has found no file: that is 404, not 405.
    return allow.length > 0 && !allow.includes(method)
      ? new AppError('METHOD_NOT_ALLOWED', `${method} is not possible here, only ${allow.join(', ')}.`, { allow })
      : new AppError('NOT_FOUND', 'There is nothing at this address.')
  }
  // In onRequest, because Fastify reads and parses the body before it calls the not-found handler.
  app.addHook('onRequest', (request, _reply, done) => {
    const names = Object.keys(request.params as object)
    // `/v1/usage-files/` has an empty id: the path names no file, and is not the list. Only a `*` may be empty.
    const hasEmptyId = names.some(name => (request.params as Record<string, string>)[name] === '' && name !== '*')
    const isFixed = names.length > 0 && hasOtherMethod(request)
    if (request.is404 || hasEmptyId || isFixed) throw notFound(request)
    done()
  })
  app.setNotFoundHandler(async (request, reply) => await sendProblem(notFound(request), request, reply))
  // A HEAD request gets the headers of its GET. Without this hook Fastify would read a whole workbook and drop it.
  app.addHook('onSend', (request, _reply, payload, done) => {
    if (request.method === 'HEAD' && payload instanceof Readable) payload.destroy()
    done(null, payload)
  })
}, { name: 'errors' })

interface KnownRoutes {
  methodsOf: (url: string) => string[]
  /**
   * True for a method that a route without variables does not have, such as DELETE `/v1/usage-files/summary`. The
   * request is 405: `summary` is not taken as the id of a file.
   */
  hasOtherMethod: (request: FastifyRequest) => boolean
}

function knownRoutes (app: FastifyInstance): KnownRoutes {
  const routes: { method: string, pattern: RegExp }[] = []
  /** The methods of each path without variables. */
  const fixed = new Map<string, Set<string>>()
  app.addHook('onRoute', (route) => {
    // The CORS plugin adds the route `*` for preflight requests. It matches every path.
    if (route.url === '*') return
    const pattern = new RegExp(
      `^${route.url
        .replace(/[.+?^$()|[\]\\]/g, '\\$&')
        .replace(/:\w+/g, '[^/]+')
        .replaceAll('*', '.*')}$`
    )
    // For the root of a prefix with a slash at its end, Fastify reports only HEAD. GET exists too.
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

/** `isReported` is false when the error only says that the caller has left. Then logs and metrics do not get it. */
async function sendProblem (
  error: AppError, request: FastifyRequest, reply: FastifyReply, isReported = true
): Promise<FastifyReply> {
  const { status, headers, body } = renderProblem(error, pathOf(request.url), request.id)
  if (isReported) noteProblem(request, error)
  if (isReported && status >= 500) request.log.error({ err: error }, 'request failed')
  return await reply.code(status).headers(headers).send(JSON.stringify(body))
}

function noteProblem ({ journal }: FastifyRequest, { code, options }: AppError): void {
  journal.add({ kind: 'problem', code, currentStatus: options.extra?.['currentStatus'] })
}

/** Leaves out the host, and the query, which may hold private data. */
function pathOf (url: string): string {
  return url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1)[0] || '/'
}

/**
 * Gives the function that answers requests whose path Fastify's router refuses. No hooks run for these requests, so
 * `headersOf` gives the headers.
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
