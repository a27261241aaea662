import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import type { CallersSource } from '../../credentials/callers-source.ts'
import { AppError } from '../../errors/app-error.ts'
import { BEARER, REALM } from './auth.ts'

/**
 * Checks the token that Connect has signed with the `webhookSecret` of the account in the path. Credentials of callers
 * are not accepted. Throws NOT_FOUND for a name without a secret, UNAUTHENTICATED and RATE_LIMITED.
 */
export const webhookAuth = fp(async (app, { callers }: { callers: CallersSource }) => {
  app.addHook('onRoute', (route) => {
    route.schema = { ...route.schema, security: [{ connectWebhook: [] }] }
  })
  // The check is in onRequest, which runs before a body is read.
  app.addHook('onRequest', async (request, reply) => {
    const { account = '' } = request.params as { account?: string }
    const secret = callers.current().webhookSecrets?.get(account)
    if (secret === undefined) {
      throw new AppError('NOT_FOUND', 'This service takes no webhooks for an account of this name.')
    }
    const fault = await faultOf(request, secret)
    if (fault !== null) {
      request.log.info({ reason: fault }, 'token of a webhook refused')
      await app.rateLimit.countWrongCredential(request, reply)
      throw new AppError(
        'UNAUTHENTICATED', 'Authorization holds no token that the secret of this webhook has signed.',
        { challenge: `Bearer ${REALM}` }
      )
    }
    await app.rateLimit.countRequest(reply, `webhook:${account}`)
  })
}, { name: 'webhook-auth', dependencies: ['rate-limit'] })

/** Null for a valid token, else the reason for the log. Loads jose only when a token comes. */
async function faultOf ({ headers: { authorization } }: FastifyRequest, secret: string): Promise<string | null> {
  const token = BEARER.exec(authorization ?? '')?.[1]
  if (token === undefined) return 'no token'
  const { faultOfWebhookToken } = await import('../../credentials/webhook-token.ts')
  return await faultOfWebhookToken(token, secret)
}
