import { Health } from '../../schemas/health.ts'
import { problems } from '../../schemas/problem.ts'
import type { RoutePlugin } from '../../src/type-provider.ts'
import { VERSION } from '../../src/version.ts'

export const getLiveness: RoutePlugin = async (app) => {
  app.get(
    '/live',
    {
      schema: {
        operationId: 'getLiveness',
        tags: ['Service'],
        security: [],
        summary: 'Is the process alive',
        description: 'Answers 200 as long as the process can answer at all. For restarts, not for routing.',
        response: {
          200: {
            description: 'The process is alive.',
            content: { 'application/json': { schema: Health, example: { status: 'ok', version: VERSION } } }
          },
          ...problems()
        }
      }
    },
    async () => ({ status: 'ok' as const, version: VERSION })
  )
}
