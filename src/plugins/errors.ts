import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { AppError } from '../errors/app-error.ts'
import { renderProblem } from '../errors/problem.ts'
import { requestIdOf } from './request-id.ts'
import { toAppError } from './to-app-error.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The code of the problem this request was answered with, for its log line. */
    problemCode: string | null
  }
}

/** One place that answers errors inside Fastify's life cycle. Those outside of it are below. */
export const errors = fp(async (app) => {
  const routes: { method: string, pattern: RegExp }[] = []
  app.addHook('onRoute', (route) => {
    const pattern = new RegExp(`^${route.url.replace(/[.+?^$()|[\]\\]/g, '\\$&').replace(/:\w+/g, '[^/]+').replaceAll('*', '.*')}$`)
    for (const method of [route.method].flat()) routes.push({ method, pattern })
  })
  app.decorateRequest('problemCode', null)

  app.setErrorHandler(async (error, request, reply) => await sendProblem(toAppError(error), request, reply))
  app.setNotFoundHandler(async (request, reply) => {
    const path = pathOf(request.url)
    const allow = [...new Set(routes.filter(route => route.pattern.test(path)).map(route => route.method))]
    // A wildcard route that finds no file is no wrong method.
    const error = allow.length > 0 && !allow.includes(request.method)
      ? new AppError('METHOD_NOT_ALLOWED', `${request.method} is not possible here, only ${allow.join(', ')}.`, { allow })
      : new AppError('NOT_FOUND', 'There is nothing at this address.')
    return await sendProblem(error, request, reply)
  })
}, { name: 'errors' })

async function sendProblem (error: AppError, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { status, headers, body } = renderProblem(error, pathOf(request.url), request.id)
  request.problemCode = error.code
  if (status >= 500) request.log.error({ err: error }, 'request failed')
  return await reply.code(status).headers(headers).send(JSON.stringify(body))
}

/** `instance` names the resource; the query may hold what is nobody else's business. */
function pathOf (url: string): string {
  return url.split('?', 1)[0] ?? url
}

/** Addresses that the router itself refuses (bad escapes, over-long parameters): Fastify has no hooks there. */
export function frameworkErrors (error: Error & { code?: string }, request: FastifyRequest, reply: FastifyReply): void {
  const isTooLong = error.code === 'FST_ERR_MAX_PARAM_LENGTH'
  const problem = isTooLong ? new AppError('URI_TOO_LONG', 'A part of the path is too long.') : new AppError('VALIDATION_FAILED', 'The path cannot be decoded.')
  const { status, headers, body } = renderProblem(problem, pathOf(request.url), request.id)
  reply.code(status).headers({ ...headers, 'x-request-id': request.id }).send(JSON.stringify(body))
}

/** Requests that Node's parser gives up on: there is no request object, only a socket. */
export function clientErrorHandler (this: FastifyInstance, error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const problem = socketProblem(error.code)
  // Null on a kept connection between two requests.
  const parsing = socket as Socket & { _httpMessage?: (ServerResponse & { req: IncomingMessage }) | null }
  // An answer that has begun cannot be replaced by another.
  if (parsing._httpMessage?.headersSent === true) {
    socket.destroy()
    return
  }
  const requestId = requestIdOf(parsing._httpMessage?.req ?? { headers: {} } as IncomingMessage)
  const { status, headers, body } = renderProblem(problem, '/', requestId)
  const text = JSON.stringify(body)
  const head = Object.entries({ ...headers, 'x-request-id': requestId, 'content-length': String(Buffer.byteLength(text)), connection: 'close' })
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${head.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${text}`)
  this.log.info({ code: problem.code, requestId }, 'unreadable request')
}

function socketProblem (code: string | undefined): AppError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new AppError('REQUEST_TIMEOUT', 'The request did not arrive in time.')
  if (code === 'HPE_HEADER_OVERFLOW') return new AppError('HEADERS_TOO_LARGE', 'The headers are larger than 16 KiB.')
  return new AppError('MALFORMED_BODY', 'This is not a well-formed HTTP request.')
}
