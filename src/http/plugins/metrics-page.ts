import { timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { sha256Hex } from '../../credentials/callers.ts'
import { AppError } from '../../errors/app-error.ts'

/**
 * Adds `/metrics`. The public port has this page, too. So a request needs `token` or, if that is null, must come from
 * this machine and not through a proxy.
 */
export const metricsPage = fp(async (app, { token }: { token: string | null }) => {
  const isAllowed = token === null ? isLocal : holdsToken(token)
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    if (!isAllowed(request)) {
      const isGuess = token !== null && request.headers.authorization !== undefined
      if (isGuess) await app.rateLimit.countWrongCredential(request, reply)
      throw new AppError(
        'UNAUTHENTICATED',
        "The metrics need the token of this service's operator, as Authorization: Bearer.",
        { challenge: 'Bearer realm="metrics"' }
      )
    }
    return await reply.type(app.metrics.contentType).header('cache-control', 'no-store').send(await app.metrics.text())
  })
}, { name: 'metrics-page', dependencies: ['rate-limit'] })

function holdsToken (token: string): (request: FastifyRequest) => boolean {
  const expected = Buffer.from(sha256Hex(token), 'hex')
  return ({ headers: { authorization } }) => {
    const [, given = ''] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? []
    return timingSafeEqual(Buffer.from(sha256Hex(given), 'hex'), expected)
  }
}

function isLocal ({ headers, raw }: FastifyRequest): boolean {
  const isForwarded = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'].some(
    name => headers[name] !== undefined
  )
  return !isForwarded && /^(?:::ffff:)?127\.|^::1$/.test(raw.socket.remoteAddress ?? '')
}
