import type { FastifyInstance } from 'fastify'
import { aggregateCollection } from '../collections/aggregates.ts'
import { ruleCollection } from '../collections/rules.ts'
import type { Sandbox } from '../sandbox.ts'
import { findProduct, seesRule } from '../state/access.ts'
import { aggregatesOf } from '../state/aggregates.ts'
import { createRule, deleteRule, findRule, updateRule } from '../state/rules.ts'
import { findSubscription } from '../state/subscriptions.ts'
import { templatePath } from '../storage-paths.ts'
import { aggregateView } from '../views/aggregate.ts'
import { ruleView } from '../views/rule.ts'
import { sendPage } from './collection-route.ts'
import { actorOf, originOf, paramOf } from './request-context.ts'

export function addAggregateRoutes (app: FastifyInstance, sandbox: Sandbox): void {
  app.get('/usage/aggregates', async (request, reply) => {
    const { account } = actorOf(request)
    return sendPage(request, reply, {
      collection: aggregateCollection,
      rows: () => aggregatesOf(sandbox.store, account),
      isVisible: () => true,
      view: aggregateView
    })
  })

  app.get('/assets/:asset/usage/aggregates', async (request, reply) => {
    const { account } = actorOf(request)
    const id = paramOf(request, 'asset')
    findSubscription(sandbox.store, account, id)
    return sendPage(request, reply, {
      collection: aggregateCollection,
      rows: () => aggregatesOf(sandbox.store, account),
      isVisible: ({ asset }) => asset.id === id,
      view: aggregateView
    })
  })

  app.get('/usage/products/:product/template', async (request) => {
    const product = findProduct(sandbox.store, actorOf(request).account, paramOf(request, 'product'))
    return { template_link: sandbox.links.sign(originOf(request), templatePath(product.id), 'other') }
  })
}

export function addRuleRoutes (app: FastifyInstance, sandbox: Sandbox): void {
  app.get('/products/:product/usage/rules', async (request, reply) => {
    const { account } = actorOf(request)
    const product = findProduct(sandbox.store, account, paramOf(request, 'product'))
    return sendPage(request, reply, {
      collection: ruleCollection,
      rows: () => sandbox.store.rules,
      isVisible: (rule) => rule.product === product && seesRule(account, rule),
      view: ruleView
    })
  })

  app.post('/products/:product/usage/rules', async (request, reply) => {
    const actor = actorOf(request)
    const product = findProduct(sandbox.store, actor.account, paramOf(request, 'product'))
    const rule = createRule(sandbox, actor, product, request.body)
    reply.code(201)
    return ruleView(rule)
  })

  app.get('/products/:product/usage/rules/:id', async (request) => {
    const { account } = actorOf(request)
    const product = findProduct(sandbox.store, account, paramOf(request, 'product'))
    return ruleView(findRule(sandbox, account, product, paramOf(request, 'id')))
  })

  app.put('/products/:product/usage/rules/:id', async (request) => {
    const actor = actorOf(request)
    const product = findProduct(sandbox.store, actor.account, paramOf(request, 'product'))
    const rule = findRule(sandbox, actor.account, product, paramOf(request, 'id'))
    updateRule(sandbox, actor, rule, request.body)
    return ruleView(rule)
  })

  app.delete('/products/:product/usage/rules/:id', async (request, reply) => {
    const actor = actorOf(request)
    const product = findProduct(sandbox.store, actor.account, paramOf(request, 'product'))
    deleteRule(sandbox, actor, findRule(sandbox, actor.account, product, paramOf(request, 'id')))
    return await reply.code(204).send()
  })
}
