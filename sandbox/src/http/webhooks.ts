import type { FastifyInstance } from 'fastify'
import { webhookCollection } from '../collections/webhooks.ts'
import type { Sandbox } from '../sandbox.ts'
import { createWebhook, deleteWebhook, findWebhook, triggerWebhook, updateWebhook } from '../state/webhooks.ts'
import { webhookView } from '../views/webhook.ts'
import { sendPage } from './collection-route.ts'
import { actorOf, basePath, originOf, paramOf } from './request-context.ts'

export function addWebhookRoutes (app: FastifyInstance, sandbox: Sandbox): void {
  app.get('/notifications/webhooks', async (request, reply) => {
    const { account } = actorOf(request)
    return sendPage(request, reply, {
      collection: webhookCollection,
      rows: () => sandbox.store.webhooks.values(),
      isVisible: (webhook) => webhook.account === account,
      view: webhookView
    })
  })

  app.post('/notifications/webhooks', async (request, reply) => {
    const webhook = createWebhook(sandbox, actorOf(request), request.body, `${originOf(request)}${basePath}`)
    reply.code(201)
    return webhookView(webhook)
  })

  app.get('/notifications/webhooks/:id', async (request) =>
    webhookView(findWebhook(sandbox, actorOf(request).account, paramOf(request, 'id'))))

  app.put('/notifications/webhooks/:id', async (request) => {
    const actor = actorOf(request)
    const webhook = findWebhook(sandbox, actor.account, paramOf(request, 'id'))
    updateWebhook(sandbox, actor, webhook, request.body)
    return webhookView(webhook)
  })

  app.delete('/notifications/webhooks/:id', async (request, reply) => {
    deleteWebhook(sandbox, findWebhook(sandbox, actorOf(request).account, paramOf(request, 'id')))
    return await reply.code(204).send()
  })

  // The answer has no body, as in the specification.
  app.post('/notifications/webhooks/:id/trigger', async (request, reply) => {
    const webhook = findWebhook(sandbox, actorOf(request).account, paramOf(request, 'id'))
    triggerWebhook(sandbox, webhook)
    return await reply.send()
  })
}
