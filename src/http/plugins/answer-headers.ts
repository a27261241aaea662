import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import fp from 'fastify-plugin'
import helmet from 'helmet'

/** The headers of an answer, by the request it answers; null for what was never read as a request. */
export type AnswerHeaders = (request: { protocol: string } | null) => Record<string, string>

const YEAR_SECONDS = 365 * 86_400

/**
 * What every answer tells a browser: no sniffing, no frames, no scripts, nothing kept. `/docs` replaces the policy with
 * its own. Over https, and where `publicUrl` says so, it also tells it to stay there (HSTS).
 */
export function createAnswerHeaders (publicUrl: string | null): AnswerHeaders {
  const plain = headersOfHelmet(false)
  const secure = headersOfHelmet(true)
  const isPublicSecure = publicUrl?.startsWith('https:') === true
  return request => isPublicSecure || request?.protocol === 'https' ? secure : plain
}

export const answerHeaders = fp(async (app, options: { headersOf: AnswerHeaders }) => {
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(options.headersOf(request))
    done()
  })
}, { name: 'answer-headers' })

/** They are the same for every request, and some answers are written without Fastify: so they are worked out once. */
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
