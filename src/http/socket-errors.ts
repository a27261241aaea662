import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../errors/app-error.ts'
import { renderProblem } from '../errors/problem.ts'
import type { AnswerHeaders } from './plugins/answer-headers.ts'
import { requestIdOf } from './request-id.ts'

/**
 * Gives the function that answers requests which Node's HTTP parser cannot read, or which do not arrive in time. Node
 * gives only the socket, so the function writes the problem document to the socket.
 */
export function createClientErrorHandler (headersOf: AnswerHeaders) {
  return function (this: FastifyInstance, error: Error & { code?: string }, socket: Socket): void {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy()
      return
    }
    // `_httpMessage` is Node's answer in progress; null or undefined when no answer is in progress.
    const parsing = socket as Socket & { _httpMessage?: (ServerResponse & { req: IncomingMessage }) | null }
    // The earlier request on this connection is whole and still gets its own answer. Then the connection closes.
    if (parsing._httpMessage?.req.complete === true && !parsing._httpMessage.headersSent) {
      parsing._httpMessage.shouldKeepAlive = false
      return
    }
    // An answer that has begun cannot be replaced by another.
    if (parsing._httpMessage?.headersSent === true) {
      socket.destroy()
      return
    }
    const problem = socketProblem(error.code)
    const requestId = requestIdOf(parsing._httpMessage?.req ?? { headers: {} } as IncomingMessage)
    endWithProblem(socket, problem, '/', requestId, headersOf(null))
    this.metrics.unreadable(problem.statusCode, problem.code)
    this.log.info({ code: problem.code, requestId }, 'unreadable request')
  }
}

/**
 * Gives the function that answers the method CONNECT with METHOD_NOT_ALLOWED. Without a handler for it, Node closes the
 * socket without an answer.
 */
export function createConnectHandler (headersOf: AnswerHeaders) {
  return (request: IncomingMessage, socket: Duplex): void => {
    socket.on('error', () => {})
    const problem = new AppError('METHOD_NOT_ALLOWED', 'CONNECT is not possible here.', { allow: [] })
    endWithProblem(socket, problem, '/', requestIdOf(request), headersOf(null))
  }
}

function socketProblem (code: string | undefined): AppError {
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new AppError('REQUEST_TIMEOUT', 'The request did not arrive in time.')
  if (code === 'HPE_HEADER_OVERFLOW') return new AppError('HEADERS_TOO_LARGE', 'The headers are larger than 16 KiB.')
  return new AppError('MALFORMED_BODY', 'This is not a well-formed HTTP request.')
}

function endWithProblem (
  socket: Duplex,
  problem: AppError,
  instance: string,
  requestId: string,
  answerHeaders: Record<string, string>
): void {
  const { status, headers, body } = renderProblem(problem, instance, requestId)
  const text = JSON.stringify(body)
  const all = {
    ...answerHeaders,
    ...headers,
    'x-request-id': requestId,
    date: new Date().toUTCString(),
    'content-length': String(Buffer.byteLength(text)),
    connection: 'close'
  }
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${Object.entries(all)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n${text}`
  )
}
