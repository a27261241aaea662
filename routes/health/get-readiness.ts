import { READINESS_EXAMPLE, Readiness } from '../../schemas/health.ts'
import { problems } from '../../schemas/problem.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'

export const getReadiness: RoutePlugin = async (app) => {
  app.get(
    '/ready',
    {
      schema: {
        operationId: 'getReadiness',
        tags: ['Service'],
        security: [],
        summary: 'Does the instance take requests',
        description:
          'Answers 200 while the instance takes requests, and 503 from the moment it begins to stop or while its ' +
          'state store does not answer or take writes. For load balancers.',
        response: {
          200: {
            description: 'The instance takes requests.',
            content: { 'application/json': { schema: Readiness, example: READINESS_EXAMPLE } }
          },
          503: {
            description: 'The instance is stopping, or its state store does not answer or take writes.',
            content: {
              'application/json': { schema: Readiness, example: { ...READINESS_EXAMPLE, status: 'draining' } }
            }
          },
          ...problems()
        }
      }
    },
    async (_request, reply) => {
      const store = await app.store.health().then(
        () => 'ok' as const,
        () => 'failing' as const
      )
      const status = app.isDraining()
        ? ('draining' as const)
        : store === 'ok'
          ? ('ok' as const)
          : ('unavailable' as const)
      return await reply.code(status === 'ok' ? 200 : 503).send({ status, store, connect: app.connectState() })
    }
  )
}
