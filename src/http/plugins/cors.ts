import fastifyCors from '@fastify/cors'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'

const EXPOSED = [
  'Location',
  'Link',
  'ETag',
  'Retry-After',
  'RateLimit',
  'RateLimit-Policy',
  'Idempotency-Replayed',
  'Preference-Applied',
  'Content-Disposition',
  'WWW-Authenticate',
  'Accept-Post',
  'Accept-Patch',
  'X-Request-Id'
]
const ALLOWED = [
  'Authorization',
  'X-API-Key',
  'Content-Type',
  'Idempotency-Key',
  'X-Request-Id',
  'traceparent',
  'tracestate',
  'baggage',
  'Accept',
  'If-None-Match',
  'Prefer',
  // Nothing reads it, as no event has an id. A reader of event streams that sends it all the same is not refused.
  'Last-Event-ID'
]
const PREFLIGHT_SECONDS = 600

/**
 * Adds CORS headers to the answers to requests from a configured origin. Without these headers the browser does not
 * show an answer to the page. Preflight requests need no credential, because browsers send none with them.
 */
export const cors = fp(async (app, { origins }: { origins: readonly string[] }) => {
  if (origins.length === 0) return
  await app.register(fastifyCors, {
    delegator: (request: FastifyRequest, done: (error: null, options: fastifyCors.FastifyCorsOptions) => void) => {
      const { origin } = request.headers
      const methods = request.method === 'OPTIONS' ? app.methodsOf(request.url) : null
      if (request.method === 'OPTIONS' && origin !== undefined && !origins.includes(origin)) {
        request.log.info({ origin: origin.slice(0, 200) }, 'preflight refused: the origin is not in CORS_ORIGINS')
      }
      const isServed = origin !== undefined && isAllowed(origins, origin) && methods?.length !== 0
      done(
        null,
        isServed
          ? {
              origin,
              methods: methods ?? [],
              exposedHeaders: EXPOSED,
              allowedHeaders: ALLOWED,
              maxAge: PREFLIGHT_SECONDS,
              strictPreflight: false
            }
          : { origin: false }
      )
    }
  })
}, { name: 'cors' })

/** Gives the CORS headers of an answer that Fastify sends without hooks. */
export function corsHeadersOf (
  origins: readonly string[],
  { headers: { origin } }: FastifyRequest
): Record<string, string> {
  if (origins.length === 0) return {}
  if (origin === undefined || !isAllowed(origins, origin)) return { vary: 'Origin' }
  return {
    vary: 'Origin',
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED.join(', ')
  }
}

/** An entry that ends with `:*`, which only the demo has, stands for any port. */
function isAllowed (origins: readonly string[], origin: string): boolean {
  return origins.includes(origin) ||
    origins.some(one => one.endsWith(':*') && origin.replace(/:\d{1,5}$/, ':*') === one)
}
