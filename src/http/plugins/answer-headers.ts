import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import fp from 'fastify-plugin'
import helmet from 'helmet'

/** Gives the security headers of an answer. Takes null when no request could be read. */
export type AnswerHeaders = (request: { protocol: string } | null) => Record<string, string>

const YEAR_SECONDS = 365 * 86_400

/** A request over https, or an https `publicUrl`, adds Strict-Transport-Security. */
export function createAnswerHeaders (publicUrl: string | null): AnswerHeaders {
  const plain = headersOfHelmet(false)
  const secure = headersOfHelmet(true)
  const isPublicSecure = publicUrl?.startsWith('https:') === true
  return request => isPublicSecure || request?.protocol === 'https' ? secure : plain
}

/** Adds the headers to every answer of a request for which Fastify runs hooks. */
export const answerHeaders = fp(async (app, options: { headersOf: AnswerHeaders }) => {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(options.headersOf(request))
    done()
  })
}, { name: 'answer-headers' })

/**
 * Gives the headers that helmet sets, and `Cache-Control: no-store`. Called at the start, because they never change.
 */
function headersOfHelmet (isSecure: boolean): Record<string, string> {
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { defaultSrc: ["'none'"], baseUri: ["'none'"], formAction: ["'none'"], frameAncestors: ["'none'"] }
    },
    xFrameOptions: { action: 'deny' },
    strictTransportSecurity: isSecure ? { maxAge: YEAR_SECONDS, includeSubDomains: false } : false
  })(response.req, response, () => {})
  const headers = Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)])
  return { ...Object.fromEntries(headers), 'cache-control': 'no-store' }
}
