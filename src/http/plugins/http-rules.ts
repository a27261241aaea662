import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import fp from 'fastify-plugin'
import { AppError, invalidField } from '../../errors/app-error.ts'
import type { AnswerHeaders } from './answer-headers.ts'
import { createConnectHandler } from '../socket-errors.ts'

const MAX_HEADERS = 100
/** The most connections that may be open at the same time. Node closes each further one. */
const MAX_SOCKETS = 16_384

/** Refuses requests with a fault that Node lets pass, and answers the method CONNECT with a problem document. */
export const httpRules = fp(async (app, options: { headersOf: AnswerHeaders }) => {
  const server = app.server as Server
  server.maxConnections = MAX_SOCKETS
  server.on('connect', createConnectHandler(options.headersOf))
  // An unknown value of Expect is ignored, as a server may do (RFC 9110, 10.1.1). Node would answer 417 without a body.
  server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    server.emit('request', request, response)
  })
  app.addHook('onRequest', ({ raw }, _reply, done) => {
    if (raw.rawHeaders.length > 2 * MAX_HEADERS) {
      throw new AppError('HEADERS_TOO_LARGE', `The request has more than ${MAX_HEADERS} headers.`)
    }
    if (hasTwice(raw.rawHeaders)) {
      throw new AppError(
        'MALFORMED_BODY',
        'The request has two headers of which there can be one: Host or Authorization.'
      )
    }
    if (raw.httpVersion === '1.1' && raw.headers.host === undefined) {
      throw new AppError('MALFORMED_BODY', 'The request has no Host header.')
    }
    const path = undecodablePath(raw.url ?? '')
    if (path !== null) throw invalidField(path, 'cannot be decoded')
    done()
  })
}, { name: 'http-rules' })

/**
 * Whether there are two headers Host, or two headers Authorization. Node keeps the first of them, but the service must
 * not guess which one the caller means (RFC 9112, 3.2).
 */
function hasTwice (rawHeaders: readonly string[]): boolean {
  let seen = 0
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] ?? ''
    if (name.length !== 4 && name.length !== 13) continue
    const bit = /^host$/i.test(name) ? 1 : /^authorization$/i.test(name) ? 2 : 0
    if ((seen & bit) !== 0) return true
    seen |= bit
  }
  return false
}

/**
 * Gives the place of the first query parameter that cannot be decoded, such as `query.status`; null when all can be
 * decoded. Fastify would take the raw text.
 */
function undecodablePath (url: string): string | null {
  const start = url.indexOf('?')
  if (start === -1 || !url.includes('%', start)) return null
  for (const pair of url.slice(start + 1).split('&')) {
    if (isDecodable(pair)) continue
    const name = pair.split('=', 1)[0] ?? ''
    return isDecodable(name) ? `query.${decodeURIComponent(name).slice(0, 64)}` : 'query'
  }
  return null
}

function isDecodable (text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
