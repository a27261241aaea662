import { webhookBody, WebhookParams } from '../../schemas/connect-webhook.ts'
import { problems } from '../../schemas/problem.ts'
import { nothing } from '../../schemas/responses.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'

const BODY_BYTES = 16 * 1024

export const receiveConnectWebhook: RoutePlugin = async (app) => {
  app.post(
    '/connect-webhooks/:account',
    {
      bodyLimit: BODY_BYTES,
      config: { documentedBody: webhookBody },
      schema: {
        operationId: 'receiveConnectWebhook',
        tags: ['Events'],
        summary: 'Take a webhook of Connect',
        description:
          'For Connect, not for callers. A webhook for usage files says that something changed, not what: requests ' +
          'that wait and event streams of the account then ask Connect earlier than they would. 404 unless the ' +
          'operator has set a `webhookSecret` for the account.',
        params: WebhookParams,
        response: { 204: nothing('The service looks as soon as it may.'), ...problems() }
      }
    },
    async (request, reply) => {
      app.watching.hint(request.params.account)
      return await reply.code(204).send(undefined)
    }
  )
}
