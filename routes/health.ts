import { Type } from 'typebox'
import { problems } from '../schemas/problem.ts'
import type { RoutePlugin } from '../src/type-provider.ts'
import { VERSION } from '../src/version.ts'

const Health = Type.Object({
  status: Type.Enum(['ok', 'draining'], { type: 'string', description: 'Whether the instance takes requests.' }),
  version: Type.String({ description: 'The version of this service.' })
}, { additionalProperties: false, description: 'State of this instance.' })

const Readiness = Type.Object(
  {
    status: Type.Enum(['ok', 'draining', 'unavailable'], {
      type: 'string',
      description:
        'Whether the instance takes requests; `unavailable` while its state store does not answer or take writes.'
    }),
    store: Type.Enum(['ok', 'failing'], {
      type: 'string',
      description:
        'Whether the state store answers and takes writes, as a write of the last second or a trial shows. While it ' +
        'does not, every write is refused, and reads go on.'
    }),
    connect: Type.Enum(['unknown', 'ok', 'failing'], {
      type: 'string',
      description:
        'How the last call to Connect ended. It is reported only: another instance would not reach Connect any better.'
    })
  },
  { additionalProperties: false, description: 'State of this instance and of what it depends on.' }
)

export const health: RoutePlugin = async (app) => {
  await app.register(liveness)
  await app.register(readiness)
}

const liveness: RoutePlugin = async (app) => {
  app.get(
    '/health/live',
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

const readiness: RoutePlugin = async (app) => {
  app.get(
    '/health/ready',
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
            content: {
              'application/json': { schema: Readiness, example: { status: 'ok', store: 'ok', connect: 'ok' } }
            }
          },
          503: {
            description: 'The instance is stopping, or its state store does not answer or take writes.',
            content: {
              'application/json': { schema: Readiness, example: { status: 'draining', store: 'ok', connect: 'ok' } }
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
