import { EventsQuery, EventsResponse } from '../schemas/events.ts'
import { problems } from '../schemas/problem.ts'
import type { RoutePlugin } from '../src/type-provider.ts'

export const watchEvents: RoutePlugin = async (app) => {
  app.get(
    '/events',
    {
      config: { scope: 'usage:read' },
      schema: {
        operationId: 'watchEvents',
        tags: ['Events'],
        summary: 'Watch objects change',
        description:
          'A stream of server-sent events: the present status of each object that is named, then each change. ' +
          'Without ids: every usage file of the account that Connect works on or that is `pending`. `event: stale` ' +
          'says that Connect cannot be asked; afterwards the present status comes again. A comment comes every 15 ' +
          'seconds. The stream ends with its credential and before the service stops: connect again, and it begins ' +
          'with the present status. `EventSource` of browsers sends no headers: read the stream with `fetch`.',
        querystring: EventsQuery,
        response: { 200: EventsResponse, ...problems() }
      }
    },
    async (request, reply) => {
      // `x-accel-buffering: no` makes nginx, as a proxy, pass each event on at once.
      reply.headers({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' })
      if (request.method === 'HEAD') return await reply.send(undefined)
      const { fileId = [], chunkId = [], reconciliationId = [] } = request.query
      const ids = { 'usage-file': fileId, 'usage-chunk': chunkId, reconciliation: reconciliationId }
      return await reply.send(app.openEvents(reply, ids))
    }
  )
}
