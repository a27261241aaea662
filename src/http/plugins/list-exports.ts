import fp from 'fastify-plugin'
import { slotsOf, type Slots } from '../at-once.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /**
     * The slots of requests for lists as CSV or NDJSON, and for totals. Each request has a page of a list in memory.
     */
    listExports: Slots
  }
}

const MAX_EXPORTS = 32

export const listExports = fp(async (app) => {
  app.decorate('listExports', slotsOf({ total: MAX_EXPORTS, each: MAX_EXPORTS / 4, what: 'whole lists' }))
}, { name: 'list-exports' })
