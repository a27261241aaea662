import type { FastifyPluginAsync } from 'fastify'
import type { Config } from '../../src/config.ts'
import { addOperations } from '../../src/http/add-operations.ts'
import { smallBodies } from '../../src/http/plugins/small-bodies.ts'
import { webhookAuth } from '../../src/http/plugins/webhook-auth.ts'
import { refuseOtherQueries } from '../../src/http/validation.ts'
import { receiveConnectWebhook } from './receive-connect-webhook.ts'

/**
 * The operations that Connect itself calls, with a token that it has signed. Credentials of callers do not work here.
 */
export const connectWebhookRoutes: FastifyPluginAsync<{ config: Config }> = async (app, { config }) => {
  refuseOtherQueries(app)
  await app.register(smallBodies, { maxMs: config.uploadIdleTimeoutMs })
  await app.register(webhookAuth, { callers: config.callers })
  await addOperations(app, [receiveConnectWebhook])
}
